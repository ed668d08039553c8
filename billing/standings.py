"""Where a claim stands, with the day and the fact that made it so; computed from the facts, never stored."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from billing.calendar import last_day_to_pay
from billing.dunning_costs import default_of
from billing.dunning_facts import Facts
from billing.money import in_german
from billing.payments import Standing

YEARS = 3
WARNING = (10, 1)


@dataclass(frozen=True, slots=True)
class Stand:
    """The status word, since when (None: the day is not known), and the German sentence that made it."""

    word: Standing
    since: date | None
    fact: str


def stand_of(facts: Facts, today: date, land: str = "") -> Stand:
    """The stand of an issued invoice. What ends a claim comes first, then what stops it, then time."""
    if facts.is_voided:
        return Stand(Standing.VOIDED, facts.voided_on, "Die Rechnung ist storniert.")
    if _open(facts) <= 0:
        return Stand(Standing.PAID, facts.paid_on, _paid(facts))
    if facts.written_off:
        return Stand(Standing.UNCOLLECTIBLE, facts.written_off_on, f"Ausgebucht: {facts.written_off}.")
    if facts.dispute:
        part = in_german(facts.disputed_amount) if facts.disputed_amount else "Der ganze Betrag"
        are = "sind" if facts.disputed_amount else "ist"
        return Stand(Standing.DISPUTED, facts.disputed_on, f"{part} {are} strittig: {facts.dispute}.")
    if facts.extended_until and today <= last_day_to_pay(facts.extended_until, land):
        return Stand(Standing.DEFERRED, facts.extended_on, f"Gestundet bis {facts.extended_until:%d.%m.%Y}.")
    return _by_time(facts, today, land)


def expires_on(due_date: date) -> date:
    """The last day before a claim expires: three years from the end of the year it became due in (§§ 195, 199 BGB).

    If it is no working day the next one suffices; part payments and acknowledgements, which start it anew (§ 212 BGB),
    are left out: the warning comes rather too early.
    """
    return date(due_date.year + YEARS, 12, 31)


def warns_of_expiry(facts: Facts, today: date) -> bool:
    """Whether an open claim expires at the end of this year, from 1 October on, or has expired."""
    is_given_up = facts.is_voided or bool(facts.written_off)
    return not is_given_up and _open(facts) > 0 and today >= date(expires_on(facts.due_date).year, *WARNING)


def _open(facts: Facts) -> Decimal:
    """What is open by all we know; without any word about payments the whole amount."""
    return (facts.gross if facts.open_amount is None else facts.open_amount) - facts.credits


def _paid(facts: Facts) -> str:
    if facts.receipts and facts.paid_on:
        text = f"Es ist nichts mehr offen; die letzte Zahlung kam am {facts.paid_on:%d.%m.%Y}."
    elif facts.paid_on:
        text = f"Es ist nichts mehr offen; das meldet die Buchhaltung seit dem {facts.paid_on:%d.%m.%Y}."
    else:
        text = "Es ist nichts mehr offen."
    return f"{text} Die Quellen widersprechen sich: {facts.contradiction}." if facts.contradiction else text


def _by_time(facts: Facts, today: date, land: str) -> Stand:
    start = default_of(facts, land)
    if start.is_in_default(today):
        return Stand(Standing.IN_DEFAULT, start.in_default_since, start.reasons[0])
    due = last_day_to_pay(facts.payable_until, land)
    moved = f" (der {facts.payable_until:%d.%m.%Y} ist kein Werktag, § 193 BGB)" if due != facts.payable_until else ""
    if today > due:
        return Stand(Standing.OVERDUE, due + timedelta(1), f"Zu zahlen war bis {due:%d.%m.%Y}{moved}.")
    if _open(facts) < facts.gross:
        text = f"Offen sind noch {in_german(_open(facts))}, zu zahlen bis {due:%d.%m.%Y}{moved}."
        return Stand(Standing.PARTLY_PAID, facts.paid_on, text)
    return Stand(Standing.OPEN, None, f"Zu zahlen bis {due:%d.%m.%Y}{moved}.")
