"""The section about recorded work: what it means, and how its mistakes are told."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from billing.collective import Grouping
from billing.hourly_prices import Mode, Tier
from billing.parties import CustomerKind
from config.loading import LoadedClient, load_client
from config.problems import ConfigProblem
from config.times import TimesSection, recipient_of, rules_of

EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "clients" / "beispiel.yaml"
Broken = Callable[[str, str], list[ConfigProblem]]
LAST = "jobs: {system: lexware, since: 2026-11-01}"


@pytest.fixture
def section() -> TimesSection:
    """The section of the example."""
    loaded = load_client(EXAMPLE)
    assert isinstance(loaded, LoadedClient)
    assert loaded.config.times
    return loaded.config.times


def test_everybody_has_the_same_rules(section: TimesSection) -> None:
    """Prices, tiers, rounding and grouping as the file says."""
    rules = rules_of(section, "4711", "de")
    assert (rules.prices.hourly, rules.prices.tiers) == (Decimal("95.00"), (Tier(600, Decimal("85.00")),))
    assert (rules.prices.mode, rules.grouping, rules.rounding.minutes) == (Mode.GRADUATED, Grouping.TICKET, 15)
    assert rules.prices.activities == {"Notdienst": Decimal("140.00")}
    assert (str(rules.vat_rate), rules.has_timesheet, rules.prices.included_minutes) == ("19", True, 0)


def test_one_customer_has_his_own(section: TimesSection) -> None:
    """What is written for a customer wins, the rest is as for all; a small business shows no VAT."""
    rules = rules_of(section, "10307", "de", small_business=True)
    assert (rules.prices.hourly, rules.prices.included_minutes) == (Decimal("90.00"), 150)
    assert rules.prices.tiers == (Tier(600, Decimal("85.00")),)
    assert rules.vat_rate == 0


def test_the_file_may_name_the_recipient(section: TimesSection) -> None:
    """With address and mail; for all others it does not know."""
    found = recipient_of(section, "10307")
    assert found
    assert (found.name, found.number, found.kind) == ("Hausverwaltung Krämer GmbH", "10307", CustomerKind.BUSINESS)
    assert found.address.is_complete
    assert recipient_of(section, "4711") is None
    assert section.aliases == {"Hausverwaltung Krämer": "10307", "3213": "10307"}


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("{}", "times.hourly_rate", "fehlt"),
        ("{hourly_rate: viel}", "times.hourly_rate", "ein Stundensatz netto in Euro"),
        ("{hourly_rate: 95, billing_day: 31}", "times.billing_day", "ein Tag im Monat"),
        ("{hourly_rate: 95, rounding: {minutes: 7}}", "times.rounding.minutes", "Minuten: 1 (genau)"),
        ("{hourly_rate: 95, vat_rate: 16}", "times.vat_rate", "ein Steuersatz: 19, 7 oder 0"),
        ("{hourly_rate: 95, included_hours: 0.1}", "times.included_hours", "Stunden, etwa"),
        ("{hourly_rate: 95, system: mitte}", "times.system", "steht nicht unter  systems"),
        (
            "{hourly_rate: 95, system: lexware, folder: zeiten}", "times.folder",
            "aus einer Verbindung oder aus einem Ordner",
        ),
        (
            "{hourly_rate: 95, tiers: {steps: [{above_hours: 10, rate: 1}, {above_hours: 5, rate: 1}]}}",
            "times.tiers.steps[1].above_hours", "Die Stufen steigen",
        ),
        (
            "{hourly_rate: 95, customers: {'1': {names: [A]}, '2': {names: [A]}}}",
            "times.customers.2.names", "A heißt schon der Kunde 1.",
        ),
    ],
)  # fmt: skip
def test_mistakes_are_told(broken: Broken, text: str, path: str, message: str) -> None:
    """With the path in the file and what is expected there."""
    dated = text.replace("{", "{since: 2026-10-01, ", 1)
    (problem,) = broken(LAST, f"{LAST}\ntimes: {dated}")
    assert (problem.path, message in problem.message + problem.cure) == (path, True), str(problem)


def test_a_timesheet_needs_our_own_pdf(broken: Broken) -> None:
    """The accounting system's PDF cannot carry it; leaving it out is one of the two cures."""
    text = "{since: 2026-10-01, hourly_rate: 95}"
    both = "  early_payment: {percent: 2, days: 7}"
    (problem,) = broken(both, f"{both}\n  pdf: accounting\ntimes: {text}")
    assert "times.timesheet: false" in problem.cure
