"""Exports of time recordings as CSV: what is read, and how mistakes are told."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.work_entries import Item, WorkEntry
from connectors.errors import NotFound, UnexpectedAnswer
from connectors.times_csv import TimesFolder, times_of

HEAD = "Id;Datum;Kunde;Stunden;Person;Text;Satz;Abrechenbar"


def read(*rows: str, head: str = HEAD) -> tuple[WorkEntry, ...]:
    """The entries of a file without mistakes."""
    found = times_of("\n".join((head, *rows)).encode())
    assert not found.faults
    return found.entries


def gather(found: list[WorkEntry], folder: Path) -> None:
    """Put the entries of a folder into a list, also those before a fault."""
    for entry in TimesFolder(folder).entries(date(2026, 10, 1)):
        found.append(entry)


def test_a_row_is_an_entry() -> None:
    """Every column finds its place; what is left out is empty."""
    (found,) = read("7;05.10.2026;König;1:30;Jana;Anruf; 95,50 ;Ja")
    assert (found.external_id, found.day, found.customer, found.minutes) == ("7", date(2026, 10, 5), "König", 90)
    assert (found.person, found.text, found.rate, found.is_billable, found.ticket) == (
        "Jana", "Anruf", Decimal("95.50"), True, "",
    )  # fmt: skip


@pytest.mark.parametrize(("hours", "minutes"), [("1,5", 90), ("0.25", 15), ("0,33", 20), ("2", 120), ("0:01", 1)])
def test_hours(hours: str, minutes: int) -> None:
    """Hours come with comma, point or as clock time; what an export has rounded becomes whole minutes."""
    assert read(f"7;05.10.2026;König;{hours};;;;")[0].minutes == minutes


def test_items_and_commas() -> None:
    """Travel has a quantity; commas separate as well, also within quotes."""
    (found,) = read('7,2026-10-05,König,"2",km,0.30,"Hin, zurück"', head="id,DATUM,Kunde,Menge,Einheit,Preis,Text")
    assert (found.item, found.minutes, found.text) == (Item(Decimal(2), "km", Decimal("0.30")), 0, "Hin, zurück")


def test_windows_writes_otherwise() -> None:
    """Excel's own character set and a byte order mark are understood."""
    row = f"{HEAD}\n7;05.10.2026;König;1;;;;"
    assert times_of(row.encode("cp1252")).entries == times_of(row.encode("utf-8-sig")).entries


def test_the_version_is_the_content() -> None:
    """The same row is the same version, wherever its columns stand; another text is another."""
    one = read("7;05.10.2026;König;1", head="Id;Datum;Kunde;Stunden")[0]
    same = read("1;König;05.10.2026;7", head="Stunden;Kunde;Datum;Id")[0]
    other = read("7;05.10.2026;König;2", head="Id;Datum;Kunde;Stunden")[0]
    assert one == same
    assert one.version != other.version


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("7;05.13.2026;König;1;;;;", "Zeile 2, Datum: „05.13.2026“"),
        ("7;05.10.2026;;1;;;;", "Zeile 2, Kunde: „“. Das Feld ist leer."),
        ("7;05.10.2026;König;-1;;;;", "Zeile 2, Stunden: „-1“"),
        ("7;05.10.2026;König;25;;;;", "bis 24 Stunden"),
        ("7;05.10.2026;König;0;;;;", "über null"),
        ("7;05.10.2026;König;1;;;95,555;", "höchstens zwei Nachkommastellen"),
        ("7;05.10.2026;König;1;;;;vielleicht", "Erwartet wird ja oder nein."),
        ("7;05.10.2026;König", "Sie hat 3 statt 8 Spalten."),
    ],
)
def test_mistakes_name_the_place(row: str, said: str) -> None:
    """Line, column, value and what was expected; the other rows are read."""
    found = times_of(f"{HEAD}\n{row}\n8;05.10.2026;König;1;;;;".encode())
    assert [entry.external_id for entry in found.entries] == ["8"]
    assert said in str(found.faults[0])


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("Datum;Kunde;Stunden", "Die Spalte Id fehlt."),
        ("Id;Datum;Kunde", "Es fehlt eine Spalte Minuten, Stunden oder Menge."),
        ("Id;Id;Datum;Kunde;Stunden", "Eine Spalte steht doppelt da."),
        (";;", "Die Spalte Id fehlt."),
    ],
)
def test_headings_are_needed(head: str, said: str) -> None:
    """Without them nothing is guessed."""
    assert said in str(times_of(head.encode()).faults[0])


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf \r\n"])
def test_an_empty_file_is_called_empty(content: bytes) -> None:
    """It is told what belongs there, instead of a heading that line 0 lacks."""
    (fault,) = times_of(content).faults
    assert str(fault).startswith("Zeile 1, Datei: „“. Sie ist leer. Erwartet werden Überschriften (")


def test_a_folder_holds_many_files(tmp_path: Path) -> None:
    """Later files win, other files are none, and a bad row is told at the end with its file."""
    (tmp_path / "a.csv").write_text(f"{HEAD}\n1;05.10.2026;König;1;;;;\n2;06.10.2026;König;1;;;;\n", "utf-8")
    (tmp_path / "b.CSV").write_text(f"{HEAD}\n1;05.10.2026;König;3;;;;\n3;?;König;1;;;;\n", "utf-8")
    (tmp_path / "notizen.txt").write_text("nichts", "utf-8")
    found: list[WorkEntry] = []
    with pytest.raises(UnexpectedAnswer, match=r"b\.CSV, Zeile 3, Datum"):
        gather(found, tmp_path)
    assert [(entry.external_id, entry.minutes) for entry in found] == [("1", 180), ("2", 60)]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """With the cure."""
    with pytest.raises(NotFound, match="Ordner anlegen"):
        list(TimesFolder(tmp_path / "weg").entries(date(2026, 10, 1)))


@given(st.binary(max_size=200), st.booleans())
def test_no_file_breaks_it(content: bytes, with_head: bool) -> None:
    """Whatever lies in the folder is read or told, never a crash."""
    found = times_of((f"{HEAD}\n".encode() if with_head else b"") + content)
    assert found.entries or found.faults or not content.strip() or with_head
