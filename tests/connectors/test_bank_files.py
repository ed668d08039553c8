"""Bank files: what banks give is read exactly, and what cannot be trusted is refused with a German sentence."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.bank import BankLine
from billing.money import euro
from connectors.bank_csv import CsvSettings
from connectors.bank_files import LARGEST_FILE, BankFiles, Settings, distinct_lines, read
from connectors.errors import NotFound, UnexpectedAnswer
from connectors.statements import Statement, account_of

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "bank"
IBAN = "DE02120300000000202051"
YESTERDAY = date(2026, 11, 19)
SPARKASSE = CsvSettings.model_validate(
    {
        "account": IBAN,
        "encoding": "cp1252",
        "date_format": "%d.%m.%y",
        "booked_status": ["Umsatz gebucht"],
        "columns": {
            "booked_on": "Buchungstag",
            "value_on": "Valutadatum",
            "amount": "Betrag",
            "currency": "Waehrung",
            "counterparty": "Beguenstigter/Zahlungspflichtiger",
            "iban": "Kontonummer/IBAN",
            "purpose": "Verwendungszweck",
            "end_to_end_id": "Kundenreferenz (End-to-End)",
            "status": "Info",
        },
    }
)
DIRECT = CsvSettings.model_validate(
    {
        "account": IBAN,
        "decimal": ".",
        "date_format": "%Y-%m-%d",
        "columns": {
            "booked_on": "Datum",
            "amount": "Umsatz",
            "counterparty": "Wer",
            "purpose": "Text",
            "direction": "S/H",
        },
    }
)


def sample(name: str) -> bytes:
    """A bank file of our own making."""
    return (FIXTURES / name).read_bytes()


def only(content: bytes, settings: CsvSettings | None = None) -> Statement:
    """The single statement of a file."""
    (statement,) = read(content, settings)
    return statement


def changed(name: str, *changes: tuple[str, str]) -> bytes:
    """A sample with some of its text replaced; each text must be there."""
    text = sample(name).decode()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return text.encode()


def zipped(*members: tuple[str, bytes]) -> bytes:
    """A ZIP archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return target.getvalue()


def test_statement_of_account() -> None:
    """CAMT.053 gives booked movements with sign, payer, purpose and references; a pending one is only counted."""
    statement = only(sample("camt053_v02.xml"))

    assert (statement.source, statement.account) == ("camt.053", IBAN)
    assert (statement.complete_until, statement.pending) == (YESTERDAY, 1)
    assert [str(line.amount) for line in statement.lines] == [
        "1256.40 EUR",
        "119.00 EUR",
        "100.00 EUR",
        "200.00 EUR",
        "-59.50 EUR",
        "-40.00 EUR",
    ]
    first, second, *_ = statement.lines
    assert first == BankLine(
        id=first.id,
        booked_on=YESTERDAY,
        amount=euro("1256.40"),
        value_on=YESTERDAY,
        counterparty="Müller, Hans",
        iban="DE75512108001245126199",
        purpose="Rechnung RE-2026-01\n47 vom 12.10.2026",
        end_to_end_id="RE-2026-0147",
    )
    assert (second.creditor_reference, second.end_to_end_id) == ("RF18539007547034", "")
    assert second.counterparty == "WEG Gartenstraße 12"


def test_both_versions_say_the_same() -> None:
    """Version 08 of a statement gives the same lines with the same ids as version 02."""
    assert only(sample("camt053_v08.xml")) == only(sample("camt053_v02.xml"))


def test_returned_debit() -> None:
    """A returned debit shows its reason, debtor, mandate and reference."""
    returned = only(sample("camt053_v08.xml")).lines[4]

    assert (returned.return_reason, returned.counterparty) == ("AC04", "Yılmaz, Ayşe")
    assert (returned.mandate, returned.end_to_end_id) == ("M-10023", "RE-2026-0139")


def test_reversal_without_reason() -> None:
    """An entry marked as reversal is a return even without a reason code."""
    content = changed("camt054_v02.xml", ("</CdtDbtInd>", "</CdtDbtInd><RvslInd>true</RvslInd>"))

    assert {line.return_reason for line in only(content).lines} == {"Rückbuchung"}


def test_collective_entry_is_taken_apart() -> None:
    """Two transactions in one entry become two lines if their amounts make up the entry, else the entry stays whole."""
    assert [line.purpose for line in only(sample("camt054_v02.xml")).lines] == ["RE-2026-0150", "RE-2026-0151"]

    torn = only(changed("camt054_v02.xml", ('<Amt Ccy="EUR">200.00</Amt>', '<Amt Ccy="EUR">199.00</Amt>')))
    assert [(str(line.amount), line.counterparty) for line in torn.lines] == [("300.00 EUR", "")]


def test_same_movement_has_one_id() -> None:
    """A movement reported during the day, notified and stated has the same id each time."""
    stated = {line.id for line in only(sample("camt053_v08.xml")).lines}
    reported = {line.id for line in only(sample("camt052_v08.xml")).lines}
    notified = {line.id for line in only(sample("camt054_v02.xml")).lines}

    assert reported | notified < stated
    assert len(stated) == 6


def test_two_equal_payments_stay_two() -> None:
    """Movements alike in everything are two if the bank lists two, with or without a reference."""
    text = sample("camt052_v08.xml").decode()
    entry = text[text.index("      <Ntry>") : text.index("</Ntry>") + len("</Ntry>\n")]
    for content in (text.replace(entry, entry * 2), text.replace("2026111900001", "NONREF").replace(entry, entry * 2)):
        ids = [line.id for line in only(content.encode()).lines]
        assert len(set(ids)) == len(ids)


def test_freshness() -> None:
    """A statement covers the day of its balance, a report the day before it was made, a notification no day."""
    days = [only(sample(name)).complete_until for name in ("camt053_v02.xml", "camt052_v08.xml", "camt054_v02.xml")]

    assert days == [YESTERDAY, YESTERDAY, None]


def test_statement_that_does_not_add_up() -> None:
    """A line missing between the balances, in CAMT or MT940, refuses the whole file."""
    for name, before, after in (
        ("camt053_v02.xml", "2575.90", "2575.91"),
        ("mt940.sta", "2305,90", "2305,91"),
        ("mt940.sta", "CR119,00", "CR118,00"),
    ):
        with pytest.raises(UnexpectedAnswer, match="Endsaldo"):
            only(changed(name, (before, after)))


def test_mt940() -> None:
    """MT940 gives the same kind of lines: torn numbers keep their break, question marks their text."""
    statement = only(sample("mt940.sta"))
    first, second, returned, reversed_credit = statement.lines

    assert (statement.source, statement.account, statement.complete_until) == ("mt940", IBAN, YESTERDAY)
    assert (first.amount, first.counterparty, first.iban) == (euro("1256.40"), "MÜLLER, HANS", "DE75512108001245126199")
    assert (first.purpose, first.end_to_end_id) == ("Rechnung RE-2026-01\n47vom 12.10.2026", "RE-2026-0147")
    assert second.purpose == "Danke? Ja, gern! RF18\n5390 0754 7034"
    assert (second.counterparty, second.value_on) == ("HAUSVERWALTUNG LINDNER GMBH", date(2026, 11, 18))
    assert (returned.amount, returned.return_reason, returned.mandate) == (
        euro("-59.50"),
        "RUECKLASTSCHRIFT",
        "M-10023",
    )
    assert (reversed_credit.amount, reversed_credit.return_reason) == (euro("-10.00"), "Rückgabe")


def test_mt940_in_windows_letters() -> None:
    """Umlauts in the Windows character set are read like those in UTF-8."""
    content = sample("mt940.sta").decode().encode("cp1252")

    assert only(content) == only(sample("mt940.sta"))


def test_mt940_over_several_pages() -> None:
    """Pages with intermediate balances are statements of their own, each of which adds up."""
    page = (
        ":20:A\n:25:12030000/202051\n:28C:1/{}\n:60{}:C261118EUR{},00\n"
        ":61:2611191119C5,00NTRFX\n:86:x\n:62{}:C261119EUR{},00\n"
    )
    content = page.format(1, "F", 10, "M", 15) + page.format(2, "M", 15, "F", 20)

    assert [len(statement.lines) for statement in read(content.encode())] == [1, 1]


def test_mt940_at_the_turn_of_the_year() -> None:
    """An entry date in January with a value date in December belongs to the new year."""
    text = (
        ":20:A\n:25:12030000/202051\n:28C:1/1\n:60F:C261231EUR10,00\n"
        ":61:2612310102C5,00NTRFX\n:86:x\n:62F:C270102EUR15,00"
    )
    (line,) = only(text.encode()).lines

    assert (line.booked_on, line.value_on, line.received_on) == (
        date(2027, 1, 2),
        date(2026, 12, 31),
        date(2026, 12, 31),
    )


@pytest.mark.parametrize(
    "change",
    [
        ("119,00N166", "NaN N166"),
        ("119,00N166", ",N166"),
        (":61:261119", ":61:261399"),
        (":62F:C261119EUR2305,90", ""),
        (":25:12030000/0000202051", ":25:irgendwas"),
        (":28C:", ":13D:2611190900+0100\n:28C:"),
    ],
)
def test_faulty_mt940(
    change: tuple[str, str], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Broken amounts, days, balances and interim reports are refused with a sentence, and nothing of them is logged."""
    with pytest.raises(UnexpectedAnswer, match="Die Bankdatei wird nicht gelesen"):
        only(changed("mt940.sta", change))

    assert caplog.records == []
    assert capfd.readouterr().err == ""


def test_csv_with_status() -> None:
    """A savings bank's CSV: amounts with points and comma, quoted text, pending rows left out, oldest first."""
    statement = only(sample("sparkasse.csv"), SPARKASSE)

    assert [str(line.amount) for line in statement.lines] == ["-84.50 EUR", "100.00 EUR", "1256.40 EUR"]
    assert (statement.pending, statement.complete_until) == (1, date(2026, 11, 18))
    assert (statement.lines[1].purpose, statement.lines[2].iban) == ("Danke; bis bald", "DE75512108001245126199")
    assert [line.value_on for line in statement.lines] == [date(2026, 11, 18), YESTERDAY, YESTERDAY]


def test_csv_with_preamble_and_direction() -> None:
    """Headings may follow some lines of preamble; debit and credit may stand in a column of their own."""
    statement = only(sample("direct.csv"), DIRECT)

    assert [str(line.amount) for line in statement.lines] == ["-84.50 EUR", "1256.40 EUR"]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("84.50", "NaN", "Zeile 5 enthält keinen Betrag"),
        ("84.50", "1e9", "Zeile 5 enthält keinen Betrag"),
        ("84.50", "84,50", "Zeile 5 enthält keinen Betrag"),
        ("84.50", "٨٤.50", "Zeile 5 enthält keinen Betrag"),
        ("84.50", "-84.50", "Soll oder Haben"),
        (";S\n", ";?\n", "Soll oder Haben"),
        ("2026-11-18", "18.11.2026", "Zeile 5 enthält kein Datum"),
        (";S\n", ";S;\n", "6 statt 5 Spalten"),
        ("Umsatz;S/H", "Betrag;S/H", "Spaltenüberschriften"),
        ("Wer;Text", "Text;Text", "Spaltenüberschriften"),
        ('"Müller, Hans"', '"Müller', "fehlerhaft"),
    ],
)
def test_faulty_csv(before: str, after: str, message: str) -> None:
    """Each mistake in a CSV file names its row and nothing of the content."""
    with pytest.raises(UnexpectedAnswer, match=message) as caught:
        only(changed("direct.csv", (before, after)), DIRECT)

    assert "Stadtwerke" not in str(caught.value) + caught.value.evidence


def test_csv_without_settings() -> None:
    """A CSV file is not guessed at."""
    with pytest.raises(UnexpectedAnswer, match="nichts eingestellt"):
        only(sample("direct.csv"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wrong_encoding(encoding: str) -> None:
    """Another character set than the one configured is refused, not read as garbage."""
    with pytest.raises(UnexpectedAnswer, match=r"Zeichensatz|eingestellt"):
        only(sample("direct.csv").decode().encode(encoding), DIRECT)
    with pytest.raises(UnexpectedAnswer, match=r"Zeichensatz ist nicht utf-8 \(payments.bank_csv.encoding\)"):
        only(sample("sparkasse.csv"), DIRECT)


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    "doctype", [LAUGHS, OUTSIDE, '<!DOCTYPE x SYSTEM "http://example.test/x.dtd">', "<!doctype x>"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_doctype_is_refused(doctype: str, encoding: str) -> None:
    """Neither entities nor a foreign DTD are even looked at, in whatever character set."""
    text = sample("camt053_v02.xml").decode().replace('encoding="UTF-8"?>', f'encoding="{encoding}"?>{doctype}')
    with pytest.raises(UnexpectedAnswer):
        only(text.replace("Danke", "&b;").encode(encoding))


def test_utf_16_is_xml_all_the_same() -> None:
    """A harmless CAMT file in UTF-16 is read."""
    text = sample("camt053_v02.xml").decode().replace("UTF-8", "UTF-16")

    assert only(text.encode("utf-16")) == only(sample("camt053_v02.xml"))


@pytest.mark.parametrize(
    "change",
    [
        ("camt.053.001.02", "camt.053.001.99"),
        ("camt.053.001.02", "pain.001.001.03"),
        ('xmlns="urn:iso', 'xmlns="urn:andere'),
        ('<Amt Ccy="EUR">119.00</Amt>', '<Amt Ccy="EUR">NaN</Amt>'),
        ('<Amt Ccy="EUR">119.00</Amt>', '<Amt Ccy="EUR">1e5</Amt>'),
        ('<Amt Ccy="EUR">119.00</Amt>', '<Amt Ccy="EUR">-119.00</Amt>'),
        ('<Amt Ccy="EUR">119.00</Amt>', "<Amt>119.00</Amt>"),
        ('<Amt Ccy="EUR">119.00</Amt>', ""),
        ("<CdtDbtInd>DBIT</CdtDbtInd>", "<CdtDbtInd>?</CdtDbtInd>"),
        ("<BookgDt><Dt>2026-11-19</Dt>", "<BookgDt><Dt>gestern</Dt>"),
        ("<IBAN>DE02120300000000202051</IBAN>", "<IBAN>DE0</IBAN>"),
        ("Ihre Rechnung 5512", "x" * 3000),
        ("</Document>", ""),
        ("<Id>2026-223</Id>", "<a>" * 400 + "</a>" * 400),
    ],
)
def test_faulty_camt(change: tuple[str, str]) -> None:
    """Other versions, no real amounts, cut, endless or deeply nested XML are refused."""
    with pytest.raises(UnexpectedAnswer, match="Die Bankdatei wird nicht gelesen"):
        only(changed("camt053_v02.xml", change))


def test_zip_with_many_days() -> None:
    """An archive of CAMT files, as banks give them, is read member by member."""
    content = zipped(("a.xml", sample("camt053_v02.xml")), ("ordner/b.xml", sample("camt052_v08.xml")))

    assert [statement.source for statement in read(content)] == ["camt.053", "camt.052"]


def test_what_macos_packs_beside_is_left_alone() -> None:
    """The hidden twin of each file, which no bank made, does not keep the archive from being read."""
    content = zipped(("a.xml", sample("camt053_v02.xml")), ("__MACOSX/._a.xml", b"\x00\x05\x16\x07"))

    assert [statement.source for statement in read(content)] == ["camt.053"]


@pytest.mark.parametrize("content", [b"", b"\n \r\n", b"\xef\xbb\xbf", b"\xff\xfe"])
@pytest.mark.parametrize("settings", [None, SPARKASSE])
def test_an_empty_file_is_called_empty(content: bytes, settings: CsvSettings | None) -> None:
    """Nobody looks for wrong headings where there is nothing at all; the same goes for an archive without files."""
    with pytest.raises(UnexpectedAnswer, match="sie ist leer"):
        list(read(content, settings))
    with pytest.raises(UnexpectedAnswer, match="keine Datei"):
        list(read(zipped(("__MACOSX/._a.xml", content)), settings))


def test_a_fault_in_an_archive_names_its_file() -> None:
    """Of hundreds of days one knows which to download anew; control characters and endless names are left out."""
    for name, shown in (
        ("tag/2026-11-03.xml", "„tag/2026-11-03.xml“"),
        ("a\x1b[31m.xml", "„a[31m.xml“"),
        ("ü" * 99, "ü…“"),
    ):
        with pytest.raises(UnexpectedAnswer) as caught:
            list(read(zipped(("a.xml", sample("camt053_v02.xml")), (name, b"<kaputt"))))
        assert "das XML ist fehlerhaft" in caught.value.message
        assert shown in caught.value.message


@pytest.mark.parametrize(
    "content",
    [
        zipped(("a.xml", b" " * (LARGEST_FILE + 1))),
        zipped(("a.xml", b" " * 5_000_000)),
        zipped(*((f"{place}.xml", b"<a/>") for place in range(401))),
        zipped(("a.zip", zipped(("a.xml", b"<a/>")))),
        zipped(("a.xml", sample("mt940.sta")))[:-30],
        b"PK\x03\x04 kein Archiv",
        b"x" * (LARGEST_FILE + 1),
        b"\x00\x01\x02",
        b"",
    ],
    ids=["huge", "bomb", "many", "nested", "cut", "no zip", "large", "binary", "empty"],
)
def test_hostile_container(content: bytes) -> None:
    """Bombs, nested and broken archives, huge and empty files are refused before they cost memory."""
    with pytest.raises(UnexpectedAnswer):
        list(read(content))


def test_encrypted_zip() -> None:
    """An archive with a password is refused."""
    content = bytearray(zipped(("a.xml", sample("camt053_v02.xml"))))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    with pytest.raises(UnexpectedAnswer, match="verschlüsselt"):
        list(read(bytes(content)))


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., BankFiles]:
    """Bank files in a folder of their own."""

    def filled(**files: bytes) -> BankFiles:
        for name, content in files.items():
            (tmp_path / name.replace("_", ".")).write_bytes(content)
        return BankFiles(Settings(folder=tmp_path, csv=SPARKASSE))

    return filled


def test_folder_gives_each_movement_once(folder: Callable[..., BankFiles]) -> None:
    """However many files hold a movement, it comes once, and comes with the same id at the next reading."""
    bank = folder(a_xml=sample("camt053_v02.xml"), b_xml=sample("camt052_v08.xml"), c_xml=sample("camt053_v08.xml"))
    lines = list(distinct_lines(bank.files()))

    assert len(lines) == 6
    assert list(distinct_lines(bank.files())) == lines


def test_bad_file_delays_no_other(folder: Callable[..., BankFiles]) -> None:
    """A broken file is named with its problem, the others are read, and what is no bank file is left alone."""
    bank = folder(a_xml=b"<kaputt", b_xml=sample("camt053_v02.xml"), c_pdf=b"%PDF")
    files = list(bank.files())

    assert [(file.name, bool(file.problem), len(file.statements)) for file in files] == [
        ("a.xml", True, 0),
        ("b.xml", False, 1),
    ]


def test_two_formats_for_one_account(folder: Callable[..., BankFiles]) -> None:
    """CAMT and MT940 of the same account are not mixed: every movement would come twice."""
    files = list(folder(a_xml=sample("camt053_v02.xml"), b_sta=sample("mt940.sta")).files())

    assert "zwei Formaten" in files[1].problem
    assert "nur eines davon" in files[1].problem
    assert files[1].statements == ()


def test_link_is_not_followed(folder: Callable[..., BankFiles], tmp_path: Path) -> None:
    """A link in the folder is not followed."""
    bank = folder(a_xml=sample("camt053_v02.xml"))
    (tmp_path / "b.xml").symlink_to(tmp_path / "a.xml")

    assert [file.problem != "" for file in bank.files()] == [False, True]


def test_missing_folder(tmp_path: Path) -> None:
    """Without its folder the connector says so."""
    with pytest.raises(NotFound, match="Ordner"):
        list(BankFiles(Settings(folder=tmp_path / "fehlt")).files())


def test_account_number_becomes_iban() -> None:
    """Bank code and account number of MT940 are the IBAN that CAMT names."""
    assert account_of("12030000/202051", "x") == account_of("12030000/0000202051EUR", "x") == IBAN


@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Whatever lies in the folder is either read or refused with a sentence; nothing else can happen."""
    for start in (b"", b"<", b":20:", b"PK\x03\x04"):
        try:
            statements = list(read(start + content, SPARKASSE))
        except UnexpectedAnswer:
            continue
        assert all(line.id for statement in statements for line in statement.lines)


@given(place=st.integers(0, 2500), what=st.binary(max_size=4), name=st.sampled_from(["mt940.sta", "camt053_v08.xml"]))
def test_damaged_files_are_read_or_refused(place: int, what: bytes, name: str) -> None:
    """A file damaged anywhere is refused, or its balances still agree with what was read."""
    content = sample(name)
    with suppress(UnexpectedAnswer):
        statement = only(content[:place] + what + content[place + len(what) :])
        assert all(line.amount.amount.is_finite() for line in statement.lines)
