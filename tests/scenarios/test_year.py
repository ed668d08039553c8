"""A year of one client: every letter that leaves is foretold here with its day, its level and what it costs.

One business, one consumer and one disputed claim from January 2026 on, with part payments, holidays in
Baden-Württemberg, the base rate of 1 July, and the change to summer time and back. Each day is
decided at 9:00 Berlin time, by the rules alone: the letters are the decisions.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from billing.calendar import BERLIN
from billing.default import mail_received
from billing.dunning import Decision, Outcome, decide
from billing.dunning_facts import Arrival, Facts, PastNotice, Promise, Receipt
from billing.dunning_policy import DEFAULT_GROUPS, FREE_LEVELS, Policy
from billing.parties import CustomerKind

POLICY = Policy(FREE_LEVELS, land="BW", groups=DEFAULT_GROUPS, hours=(7, 20))
START, END = date(2026, 1, 5), date(2026, 12, 31)
DAY = timedelta(1)


@dataclass
class Claim:
    """One invoice living through the year; `events` change its facts at the start of a day."""

    facts: Facts
    events: dict[date, dict[str, object]]
    letters: list[tuple[date, str, Decimal, Decimal, Decimal]]


def claim(number: str, gross: str, issued: date, kind: CustomerKind, events: dict[date, dict[str, object]]) -> Claim:
    """A claim issued on a day, payable within 14 days."""
    amount = Decimal(gross)
    sent = datetime(issued.year, issued.month, issued.day, 9, tzinfo=BERLIN)
    facts = Facts(
        number, amount, issued + timedelta(14), Arrival.SENT, amount, False, None,
        kind=kind, received_on=mail_received(sent, ("BW",)), note_printed=True,
    )  # fmt: skip
    return Claim(facts, events, [])


def live(one: Claim) -> None:
    """Run every day of the year at 9:00 in Berlin, summer or winter; letters sent become facts."""
    day = START
    while day <= END:
        now = datetime(day.year, day.month, day.day, 9, tzinfo=BERLIN)
        one.facts = replace(one.facts, read_at=now, **one.events.get(day, {}))  # type: ignore[arg-type]
        decision = decide(one.facts, POLICY, day, now)
        assert decide(one.facts, POLICY, day, now) == decision
        if decision.outcome is not Outcome.NOTHING:
            _happen(one, decision, day, now)
        day += DAY


def _happen(one: Claim, decision: Decision, day: date, now: datetime) -> None:
    costs = decision.costs
    one.letters.append((day, decision.title, decision.demanded, costs.interest, costs.lump_sum))
    is_letter = decision.outcome is Outcome.NOTICE
    received = mail_received(now, ("BW",)) if is_letter else None
    notice = PastNotice(decision.level or 0, Arrival.SENT, day, received, decision.pay_until, costs.fee, costs.lump_sum)
    one.facts = replace(one.facts, notices=(*one.facts.notices, notice))


def zero() -> Decimal:
    """No costs."""
    return Decimal("0.00")


def test_a_business_that_pays_in_parts() -> None:
    """Reminded once, dunned over the base rate's change with interest on what was open each day, then paid."""
    paid = (Receipt(date(2026, 6, 29), Decimal("400.00")),)
    one = claim(
        "RE-1",
        "1000.00",
        date(2026, 5, 26),
        CustomerKind.BUSINESS,
        {
            date(2026, 6, 30): {"open_amount": Decimal("600.00"), "receipts": paid},
            date(2026, 7, 13): {"open_amount": Decimal("0.00")},
        },
    )
    live(one)
    assert one.letters == [
        # Due Tue 9.6., a week later; it sets a period until 23.6.
        (date(2026, 6, 16), "Zahlungserinnerung", Decimal("1000.00"), zero(), zero()),
        # In default since 24.6.: 3 days of 1000.00 at 10.27 % make 0.8441.
        (date(2026, 6, 26), "1. Mahnung", Decimal("1000.00"), Decimal("0.84"), Decimal("40.00")),
        # 6 days of 1000.00 and 1 of 600.00 at 10.27 %, 6 of 600.00 at 10.52 %: 1.6882 + 0.1688 + 1.0376.
        (date(2026, 7, 6), "Letzte Mahnung", Decimal("600.00"), Decimal("2.89"), Decimal("40.00")),
    ]


def test_a_consumer_is_charged_nothing() -> None:
    """Easter moves what falls on it; a promise is waited for and its breach answered at once; a task comes last."""
    promise = Promise(Decimal("250.00"), date(2026, 4, 24), Decimal("250.00"))
    one = claim(
        "RE-2", "250.00", date(2026, 3, 20), CustomerKind.CONSUMER, {date(2026, 4, 15): {"promises": (promise,)}}
    )
    live(one)
    assert [(day, title) for day, title, *_ in one.letters] == [
        # Due on Good Friday 3.4., so payable until Tue 7.4.; seven days later.
        (date(2026, 4, 14), "Zahlungserinnerung"),
        # Promised for Fri 24.4.; broken, so dunned on the next working day.
        (date(2026, 4, 27), "1. Mahnung"),
        # Again in the policy's own time: the breach has been answered.
        (date(2026, 5, 7), "Letzte Mahnung"),
        (date(2026, 5, 21), "Aufgabe"),
    ]
    assert all(interest == lump_sum == 0 for *_, interest, lump_sum in one.letters)


def test_disputed_extended_and_settled_claims_are_spared() -> None:
    """A dispute stops everything until it is settled, an extension until it ends; in autumn winter time comes back."""
    events: dict[date, dict[str, object]] = {
        date(2026, 10, 1): {"dispute": "Farbton falsch"},
        date(2026, 10, 20): {"dispute": ""},
        date(2026, 10, 21): {"extended_until": date(2026, 10, 31)},
        date(2026, 11, 12): {"open_amount": Decimal("0.00")},
    }
    one = claim("RE-3", "80.00", date(2026, 9, 14), CustomerKind.BUSINESS, events)
    live(one)
    # It would have been reminded of on 5.10.; that happens when the dispute is settled on the 20th. Then it is extended
    # to Sat 31.10., payable until Mon 2.11., and a notice follows, which is free: the reminder came before the end.
    assert [(day, title) for day, title, *_ in one.letters] == [
        (date(2026, 10, 20), "Zahlungserinnerung"),
        (date(2026, 11, 3), "1. Mahnung"),
    ]
    assert all(interest == lump_sum == 0 for *_, interest, lump_sum in one.letters)
