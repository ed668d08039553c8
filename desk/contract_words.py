"""What people read about contracts: where one stands, and what was agreed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from billing.contracts import DAY, Contract, Phase, When, phase
from desk.console import german
from desk.words import Saying, facts
from ledger.tables import JournalRow

STANDS = {
    Phase.AHEAD: "beginnt am {day}",
    Phase.TRIAL: "Probezeit bis {day}",
    Phase.RUNNING: "läuft",
    Phase.ENDING: "endet am {day}",
    Phase.ENDED: "beendet am {day}",
}
CYCLES = {1: "monatlich", 3: "vierteljährlich", 6: "halbjährlich", 12: "jährlich"}
"""How often, by the months of a period."""
BILLED = {When.ADVANCE: "im Voraus", When.ARREARS: "nach dem Zeitraum"}
NONE, MONTH, MONTHS, DAYS, BOTH = (
    "keine",
    "ein Monat",
    "{months} Monate",
    "{days} Tage",
    "{months} Monate und {days} Tage",
)
RENEWED, OPEN_ENDED = "verlängert sich um {months} Monate", "danach auf unbestimmte Zeit"
DAY_FACTS = ("begins_on", "since", "received_on", "ends_on", "first", "last")
"""Facts of the journal that are days."""
LENGTHS = (NONE, MONTH, MONTHS, DAYS, BOTH, RENEWED, OPEN_ENDED)


def told(entry: JournalRow) -> str:
    """What the journal knows of what happened to a contract: days and amounts as people write them."""
    known = {name: value for name, value in entry.facts.items() if name != "contract" and value != ""}
    days = {name: german(date.fromisoformat(known[name])) for name in DAY_FACTS if name in known}
    amounts = {name: f"{german(Decimal(known[name]))} €" for name in ("net", "price") if name in known}
    quantity = {"quantity": pieces(Decimal(known["quantity"]))} if "quantity" in known else {}
    return facts(known | days | amounts | quantity)


def standing(contract: Contract, today: date) -> Saying:
    """Where it stands on a day: `läuft`, `Probezeit bis 30.11.2026`, `endet am 28.02.2027`."""
    found = phase(contract, today)
    days = {Phase.AHEAD: contract.begins_on, Phase.TRIAL: contract.paid_from - DAY}
    return Saying(STANDS[found], {"day": german(days.get(found, contract.ends_on))})


def stand(contract: Contract, today: date) -> str:
    """The same in German."""
    return str(standing(contract, today))


def pieces(quantity: Decimal) -> str:
    """So many of a plan, without zeros at the end: `3`, `2,5`."""
    return f"{quantity.normalize():f}".replace(".", ",")


def length(months: int, days: int = 0) -> Saying:
    """So many months and days."""
    text = BOTH if months and days else DAYS if days else NONE if not months else MONTH if months == 1 else MONTHS
    return Saying(text, {"months": str(months), "days": str(days)})


def term(contract: Contract) -> Sequence[Saying]:
    """How long it lasts at least, and what comes then."""
    agreed = contract.agreed
    if not agreed.term_months:
        return (length(0),)
    renewed = Saying(RENEWED, {"months": str(agreed.renewal_months)})
    return length(agreed.term_months), renewed if agreed.renewal_months else Saying(OPEN_ENDED)
