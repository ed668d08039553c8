"""The commands about recorded work, as they are typed."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from desk.cli import app
from tests.flows.business import CLIENT, Business
from tests.flows.test_times import NOVEMBER, write

HEAD = "Id;Datum;Kunde;Person;Tätigkeit;Ticket;Text;Stunden;Abrechenbar\n"
ROWS = (
    "1;05.10.2026;Krämer;Jana;Entwicklung;SHOP-12;Warenkorb;2:20;ja\n"
    "2;2026-10-06;Krämer;Ole;;SHOP-15;Telefonat;0,75;\n"
    "3;07.10.2026;Krämer;Ole;;;Schulung;3;nein\n"
)


@pytest.fixture
def timed(business: Business) -> Business:
    """A business that bills work by the month."""
    write(business)
    return business


def typed(business: Business, *words: str) -> Result:
    """How a command ended."""
    return CliRunner().invoke(app, ["times", *words], env=business.environment(), catch_exceptions=False)


def in_json(business: Business, *words: str) -> Any:
    """What a command says with --json."""
    return json.loads(typed(business, *words, "--json").stdout)


def file(business: Business, text: str) -> Path:
    """A CSV file."""
    path = business.folder / "oktober.csv"
    path.write_text(text, "utf-8")
    return path


def taken_in(business: Business, text: str = HEAD + ROWS) -> Result:
    """Import a file."""
    return typed(business, "import", str(file(business, text)), "--client", CLIENT)


def test_a_file_is_taken_in_once(timed: Business) -> None:
    """The second time nothing changes; the list has every row, and machines read the same."""
    assert "3 neu" in taken_in(timed).stdout
    assert "3 unverändert" in taken_in(timed).stdout
    told = typed(timed).stdout
    assert "SHOP-12" in told
    assert "3 Einträge, 3:05 abrechenbare Stunden wie erfasst." in told
    assert [(row["minutes"], row["customer"], row["state"]) for row in in_json(timed)["entries"]] == [
        (140, "10307", "recorded"), (45, "10307", "recorded"), (180, "10307", "recorded"),
    ]  # fmt: skip


def test_a_file_with_a_mistake_is_not_taken_in(timed: Business) -> None:
    """Each wrong row is told with file, line, column, value and cure, and nothing is kept."""
    ended = taken_in(timed, HEAD + ROWS + "4;31.09.2026;Krämer;;;;;1;\n5;01.10.2026;Krämer;;;;;viel;\n")
    assert ended.exit_code == 2
    assert "oktober.csv, Zeile 5, Datum: „31.09.2026“. Erwartet wird ein Tag" in ended.stderr
    assert "oktober.csv, Zeile 6, Stunden: „viel“. Erwartet wird eine Zahl" in ended.stderr
    assert in_json(timed)["entries"] == []


def test_preview_approve_and_bill(timed: Business) -> None:
    """The preview says what the invoice will say; approving once is enough, and twice is told."""
    taken_in(timed)
    told = typed(timed, "preview", "--month", "2026-10").stdout
    assert "Hausverwaltung Krämer GmbH (sommer)" in told
    assert "netto 308,75 EUR" in told
    assert "ohne Freigabe: 2" in told
    (found,) = in_json(timed, "preview", "--month", "2026-10")["invoices"]
    assert (found["net"], found["undecided"], found["is_known"]) == ("308.75", 2, True)
    assert "2 Einträge freigegeben." in typed(timed, "approve", "--month", "2026-10", "--customer", "10307").stdout
    again = typed(timed, "approve", "--month", "2026-10")
    assert (again.exit_code, "Hier wartet nichts" in again.stderr) == (1, True)
    timed.run(at=NOVEMBER)
    assert len(timed.mails()) == 1
    assert {row["state"] for row in in_json(timed, "--month", "2026-10")["entries"]} == {"billed", "recorded"}


def test_one_entry_is_rejected_and_taken_back(timed: Business) -> None:
    """By its number, with a reason that stays at the entry."""
    taken_in(timed)
    number = str(in_json(timed)["entries"][0]["id"])
    assert "1 Eintrag abgelehnt." in typed(timed, "reject", "--id", number, "--reason", "Kulanz").stdout
    (row,) = (row for row in in_json(timed, "--month", "2026-10")["entries"] if row["state"] == "rejected")
    assert (str(row["id"]), row["reason"]) == (number, "Kulanz")
    assert "1 Eintrag freigegeben." in typed(timed, "approve", "--id", number).stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--month", "2026-13"], 1, "2026-13“ ist kein Monat"),
        (["approve"], 1, "Bitte --month oder --id nennen."),
        (["import", "/gibt/es/nicht.csv", "--client", CLIENT], 1, "ist nicht lesbar"),
        (["import", "/gibt/es/nicht.csv", "--client", "winter"], 2, "Diesen Mandanten gibt es nicht"),
    ],
)
def test_mistakes_are_told(timed: Business, words: list[str], code: int, said: str) -> None:
    """A sentence and an exit code, never a trace."""
    ended = typed(timed, *words)
    assert ended.exit_code == code
    assert said in " ".join(ended.stderr.split())


def test_a_client_without_times_says_so(business: Business) -> None:
    """The cure names the section and where to copy it from."""
    ended = typed(business, "--client", CLIENT)
    assert ended.exit_code == 2
    assert "keine Zeiten abgerechnet" in ended.stderr
