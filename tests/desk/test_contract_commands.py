"""The commands about contracts, as they are typed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from typer.testing import CliRunner, Result

from desk.cli import app
from flows.chain.steps import CONTRACTS
from ledger import clientele, contracts, journal, notices
from tests.flows.business import CLIENT, Business
from tests.flows.test_contracts import KRAEMER, SECTION, know, working

HEAD = "Vertrag;Kunde;Tarif;Beginn;Menge;Preis;Berechnet bis;Ende;Name;Straße;PLZ;Ort;Mail;Art\n"
ROWS = (
    "V-1;10307;basis;01.11.2026;2;;;;Krämer GmbH;Marktplatz 1;80331;München;rechnung@kraemer.example;Firma\n"
    "V-2;10307;profi;2026-03-01;1;70,00;31.12.2099;;;;;;;\n"
    "V-3;Frieda Frei;probe;2026-11-20;;;;2027-11-19;;;;;;\n"
)
SIGN = ("add", "V-9", "--customer", "10307", "--plan", "basis", "--begins", "2026-11-01")


@pytest.fixture
def contracted(business: Business) -> Business:
    """A business that has plans."""
    with business.client_file.open("a", encoding="utf-8") as file:
        file.write(SECTION)
    return business


def typed(business: Business, *words: str) -> Result:
    """How a command ended."""
    return CliRunner().invoke(app, ["contracts", *words], env=business.environment(), catch_exceptions=False)


def done(business: Business, *words: str) -> str:
    """What a command about one client says; it must end with 0."""
    ended = typed(business, *words, "--client", CLIENT)
    assert ended.exit_code == 0, ended.output
    return " ".join(ended.stdout.split())


def in_json(business: Business, *words: str) -> Any:
    """What a command says with --json."""
    return json.loads(typed(business, *words, "--json").stdout)


def file(business: Business, text: str) -> Path:
    """A CSV file."""
    path = business.folder / "verträge.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_file_is_taken_in_once(contracted: Business) -> None:
    """The second time nothing changes; what was billed elsewhere is not billed again, who ends ends."""
    path = str(file(contracted, HEAD + ROWS))
    assert "3 Verträge angelegt, 0 gab es schon" in done(contracted, "import", path)
    assert "0 Verträge angelegt, 3 gab es schon" in done(contracted, "import", path)
    found = {each["number"]: each for each in in_json(contracted, "--all")["contracts"]}
    assert found["V-1"]["quantity"] == "2"
    assert found["V-2"]["next_on"] == "2100-01-01"
    assert found["V-3"]["ends_on"] == "2027-11-19"
    contracted.run(CONTRACTS, at="2026-11-01T06:00:00+01:00")
    assert [each["net"] for each in in_json(contracted, "show", "V-1", "--client", CLIENT)["bills"]] == ["197.00"]


def test_a_file_with_mistakes_is_not_taken_in(contracted: Business) -> None:
    """Each wrong row is told with its cure, those that the plans refuse too, and nothing is kept."""
    bad = "V-4;1;basis;31.02.2027;;;;;;;;;;\nV-5;1;basis;01.02.2027;;;;;Nur Name;;;;;\n"
    ended = typed(contracted, "import", str(file(contracted, HEAD + ROWS + bad)), "--client", CLIENT)
    assert ended.exit_code == 2
    assert "verträge.csv, Zeile 5, Beginn: „31.02.2027“" in ended.stderr
    assert "Zeile 6, Straße: „“. Zum Namen gehört die ganze Anschrift" in ended.stderr
    wrong = HEAD + ROWS + "V-6;1;gibtsnicht;01.02.2027;;;;;;;;;;\nV-1;1;basis;01.02.2027;;;;;;;;;;\n"
    ended = typed(contracted, "import", str(file(contracted, wrong)), "--client", CLIENT)
    assert ended.exit_code == 2
    assert "Vertrag V-6: Den Tarif „gibtsnicht“ gibt es nicht" in ended.stderr
    assert "Vertrag V-1 steht zweimal in der Datei" in ended.stderr
    assert in_json(contracted)["contracts"] == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("V-4;1;basis;01.02.2027;1;1.200;;;;;;;;", "Zeile 5, Preis: „1.200“"),
        ("V-4;1;basis;01.02.2027;1.000;;;;;;;;;", "Zeile 5, Menge: „1.000“"),
        ("V-4;1;basis;01.02.2027;1;;;30.01.2027;;;;;;", "Vertrag V-4: 30.01.2027 kann nicht der letzte Tag sein"),
    ],
)
def test_a_row_that_nobody_can_mean_keeps_the_whole_file_out(contracted: Business, row: str, said: str) -> None:
    """A thousand that would be one, and an end before the begin, before the first of many batches is written."""
    many = "".join(f"W-{number};1;basis;01.02.2027;;;;;;;;;;\n" for number in range(600))
    ended = typed(contracted, "import", str(file(contracted, HEAD + ROWS + row + "\n" + many)), "--client", CLIENT)
    assert ended.exit_code == 2
    assert said in " ".join(ended.stderr.split())
    assert in_json(contracted)["contracts"] == []


def test_a_file_does_not_overwrite_a_known_customer(contracted: Business) -> None:
    """What another program knows of him, such as his VAT id, is more than the file's address."""
    known = replace(KRAEMER, vat_id="DE123456788")
    know(contracted, known)
    assert "3 Verträge angelegt" in done(contracted, "import", str(file(contracted, HEAD + ROWS)))
    with working(contracted) as work, work.ledger.reading() as session:
        assert clientele.recipient(session, CLIENT, "10307") == known


def test_a_file_does_not_overwrite_whom_another_program_calls_so(contracted: Business) -> None:
    """His id there stands in the file instead of his number: he keeps his number and address."""
    know(contracted, KRAEMER)
    row = "V-1;crm-10307;basis;01.11.2026;;;;;Anders GmbH;Weg 1;12345;Ulm;;Firma\n"
    done(contracted, "import", str(file(contracted, HEAD + row)))
    with working(contracted) as work, work.ledger.reading() as session:
        assert clientele.recipient(session, CLIENT, "10307") == KRAEMER
        assert clientele.recipient(session, CLIENT, "crm-10307") is None


def test_who_a_customer_is_may_stand_in_any_of_his_rows(contracted: Business) -> None:
    """He is told of once, and what he may be bound to is judged the same for all of his contracts."""
    text = contracted.client_file.read_text("utf-8").replace("trial_days: 30}", "trial_days: 30, notice_months: 3}")
    contracted.client_file.write_text(text, "utf-8")
    rows = "V-1;77;probe;01.11.2026;;;;;;;;;;\nV-2;77;probe;01.11.2026;;;;;Krämer GmbH;Weg 1;12345;Ulm;;Firma\n"
    assert "2 Verträge angelegt" in done(contracted, "import", str(file(contracted, HEAD + rows)))


def test_many_are_taken_in_with_few_questions(contracted: Business) -> None:
    """For ten times as many contracts none more is asked; each has its history, and the journal holds."""
    row = "V-{0};{0};basis;01.11.2026;;;30.11.2026;{1};Kunde {0};Weg 1;12345;Ulm;;Firma\n"
    statements: list[str] = []

    def note(*told: Any) -> None:
        statements.extend(told[2:3] if told[2].startswith("SELECT") else ())

    counted = []
    event.listen(Engine, "before_cursor_execute", note)
    try:
        for first, last in ((0, 50), (1000, 1500)):
            numbers = range(first, last)
            rows = [row.format(number, "20.11.2026" if number == last - 1 else "") for number in numbers]
            statements.clear()
            done(contracted, "import", str(file(contracted, HEAD + "".join(rows))))
            counted.append(len(statements))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert counted[1] <= counted[0], counted
    with working(contracted) as work, work.ledger.reading() as session:
        assert list(journal.faults(session)) == []
        last_one = contracts.named(session, CLIENT, "V-1499")
        told = [entry.event for entry in contracts.history(session, last_one)]
        assert told == ["contract ended", "contract made"]
        titles = [task.title for task in notices.tasks(session, CLIENT)]
        assert any("V-1499 endet am 20.11.2026: 16,33 EUR netto zu viel" in title for title in titles)


def test_a_number_that_differs_in_capital_letters_only_is_refused(contracted: Business) -> None:
    """In a file as on the command line, with the number there is; asked for, it is guessed at."""
    done(contracted, *SIGN)
    small = typed(contracted, "add", "v-9", *SIGN[2:], "--client", CLIENT)
    assert (small.exit_code, "Den Vertrag V-9 gibt es schon; v-9 ist nur anders groß" in small.stderr) == (1, True)
    rows = "v-9;1;basis;01.11.2026;;;;;;;;;;\nX-1;1;basis;01.11.2026;;;;;;;;;;\nx-1;1;basis;01.11.2026;;;;;;;;;;\n"
    ended = typed(contracted, "import", str(file(contracted, HEAD + rows)), "--client", CLIENT)
    said = " ".join(ended.stderr.split())
    assert ended.exit_code == 2
    assert "Vertrag v-9: Den Vertrag V-9 gibt es schon" in said
    assert "Vertrag x-1 steht zweimal in der Datei, einmal als X-1" in said
    assert len(in_json(contracted)["contracts"]) == 1
    assert "Gemeint ist vielleicht V-9." in typed(contracted, "show", "v-9", "--client", CLIENT).stderr


def test_new_prices_are_listed_before_they_hold(contracted: Business) -> None:
    """A plan's dated price with the period it reaches, and an own price that was agreed; what has ended is left out."""
    text = contracted.client_file.read_text("utf-8")
    dated = "profi: {title: Wartung Profi, price: 79.00, new_prices: [{since: 2098-12-20, price: 89.00}],"
    contracted.client_file.write_text(text.replace("profi: {title: Wartung Profi, price: 79.00,", dated), "utf-8")
    done(contracted, *SIGN)
    for number, begins in (("V-10", "2026-11-01"), ("V-11", "2026-11-01"), ("V-12", "2026-11-01")):
        done(contracted, "add", number, "--customer", "7", "--plan", "profi", "--begins", begins)
    done(contracted, "end", "V-11", "--on", "2098-12-31", "--reason", "zieht um")
    done(
        contracted, "change", "V-12", "--since", "2098-06-01", "--price", "60", "--quantity", "2", "--reason", "Rabatt"
    )
    told = in_json(contracted, "prices")["prices"]
    assert [(each["number"], each["since"], each["quantity"], each["old"], each["new"]) for each in told] == [
        ("V-12", "2098-06-01", "2.00", "79.00", "60.00"), ("V-10", "2099-01-01", "1.00", "79.00", "89.00")
    ]  # fmt: skip
    said = done(contracted, "prices")
    assert "01.01.2099" in said
    assert "2 Verträge mit neuem Preis" in said


def test_thousands_are_read_the_german_way(contracted: Business) -> None:
    """1.200,00 is no price of one euro and twenty cents, and 1.200 alone might be: it is refused."""
    refused = typed(contracted, *SIGN, "--price", "1.200", "--client", CLIENT)
    assert (refused.exit_code, "mit Cent schreiben" in " ".join(refused.stderr.split())) == (2, True)
    done(contracted, *SIGN, "--price", "1.200,00", "--quantity", "1,5")
    assert in_json(contracted)["contracts"][0]["monthly"] == "1800.00"


def test_a_life(contracted: Business) -> None:
    """Signed, the customer told of, billed, changed, ended, taken back: each step says what comes next."""
    said = done(contracted, *SIGN)
    assert "Vertrag V-9 angelegt. Nächste Rechnung: 01.11.2026." in said
    assert "10307 kennt noch niemand" in said
    address = ("--name", "Krämer GmbH", "--street", "Marktplatz 1", "--postcode", "80331", "--city", "München")
    assert "Krämer GmbH gemeldet" in done(contracted, "customer", "10307", *address, "--kind", "business")
    assert "1 Rechnung bis 01.11.2026, zusammen 148,00 EUR netto" in done(
        contracted, "preview", "--until", "2026-11-01"
    )
    contracted.run(CONTRACTS, at="2026-11-01T06:00:00+01:00")
    change = ("change", "V-9", "--since", "2026-11-16", "--plan", "profi", "--reason", "will mehr")
    assert "Aufpreis für berechnete Tage: 15,00 EUR netto" in done(contracted, *change)
    said = done(contracted, "end", "V-9", "--received", "2026-11-20", "--on", "2099-12-31", "--reason", "zieht um")
    assert "endet am 31.12.2099" in said
    assert "endet am 31.12.2099" in done(contracted, "show", "V-9")
    assert "läuft weiter. Nächste Rechnung: 01.12.2026." in done(contracted, "resume", "V-9", "--reason", "bleibt")
    told = in_json(contracted, "show", "V-9", "--client", CLIENT)
    assert [stage["plan"] for stage in told["stages"]] == ["basis", "profi"]
    assert [entry["event"] for entry in told["timeline"]] == [
        f"contract {what}" for what in ("resumed", "ended", "billed", "changed", "billed", "made")
    ]  # fmt: skip
    assert "Kündigung zurückgenommen" in done(contracted, "show", "V-9")
    assert (told["monthly"], [each["net"] for each in told["bills"]]) == ("79.00", ["15.00", "148.00"])
    assert "1 Vertrag, zusammen 79,00 EUR netto im Monat." in " ".join(typed(contracted).stdout.split())


def test_a_planned_change_is_withdrawn(contracted: Business) -> None:
    """Until its day the contract can stay as it was; both stand in its history, with the price that was agreed."""
    done(contracted, *SIGN)
    done(contracted, "change", "V-9", "--since", "2099-12-01", "--price", "60,00", "--reason", "teurer")
    said = done(contracted, "withdraw", "V-9", "--reason", "doch nicht")
    assert "Die Änderung ab 01.12.2099 ist zurückgenommen." in said
    told = in_json(contracted, "show", "V-9", "--client", CLIENT)
    assert [stage["since"] for stage in told["stages"]] == ["2026-11-01"]
    assert [entry["event"] for entry in told["timeline"]][:2] == ["contract withdrawn", "contract changed"]
    shown = done(contracted, "show", "V-9")
    assert "Geplante Änderung zurückgenommen" in shown
    assert shown.count("60,00 €") == 2
    ended = typed(contracted, "withdraw", "V-9", "--reason", "x", "--client", CLIENT)
    assert (ended.exit_code, "keine Änderung geplant" in ended.stderr) == (1, True)


@pytest.mark.parametrize("empty", ["key", "--name", "--street", "--postcode", "--city"])
def test_a_customer_has_a_number_a_name_and_an_address(contracted: Business, empty: str) -> None:
    """Anything empty would only show when the invoice is held."""
    told = {"--name": "Krämer", "--street": "Markt 1", "--postcode": "80331", "--city": "München", "key": "7"}
    told[empty] = " "
    key = told.pop("key")
    options = [word for pair in told.items() for word in pair]
    ended = typed(contracted, "customer", key, *options, "--client", CLIENT)
    assert (ended.exit_code, "darf nicht leer sein" in ended.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "V-8"), "Den Vertrag V-8 gibt es nicht"),
        ((*SIGN[:-3], "gold", *SIGN[-2:]), "Den Tarif „gold“ gibt es nicht"),
        ((*SIGN, "--quantity", "viele"), "„viele“ ist kein Betrag"),
        ((*SIGN, "--quantity", "NaN"), "„NaN“ ist kein Betrag"),
        ((*SIGN, "--quantity", ""), "Bitte eine Zahl nennen"),
        (("change", "V-9", "--since", "2026-11-16", "--reason", "x"), "gibt es nicht"),
        (("end", "V-9", "--reason", "x"), "gibt es nicht"),
    ],
)
def test_what_cannot_be_done_is_said(contracted: Business, words: tuple[str, ...], said: str) -> None:
    """In a sentence, with an exit code that is not 0."""
    ended = typed(contracted, *words, "--client", CLIENT)
    assert ended.exit_code != 0
    assert said in " ".join(ended.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    "words",
    [
        (), ("preview",), ("prices",), ("resume", "V-1", "--reason", "x"), ("withdraw", "V-1", "--reason", "x"),
        ("end", "V-1", "--reason", "x"), ("reopen", "V-1", "--reason", "x"), ("import", "/dev/null"),
        ("change", "V-1", "--since", "2026-12-01", "--reason", "x"),
        ("add", "V-1", "--customer", "10307", "--plan", "wartung", "--begins", "2026-12-01"),
    ],
)  # fmt: skip
def test_a_client_without_contracts_is_a_matter_of_configuration(business: Business, words: tuple[str, ...]) -> None:
    """Whoever bills no contracts is told with 2, as with times, and where to copy the section from."""
    ended = typed(business, *words, "--client", CLIENT)
    assert ended.exit_code == 2
    assert "Den Abschnitt contracts aus" in " ".join(ended.output.split())
