"""When a customer is in default (Verzug, § 286 BGB). Being overdue is less: only default brings interest and costs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from billing.calendar import BERLIN, is_working_day
from billing.parties import CustomerKind

END_OF_BUSINESS = time(17)
LETTER_DAYS = 3
STATUTORY_DAYS = timedelta(30)
DAY = timedelta(1)


class Way(StrEnum):
    """What brought the default about."""

    AGREED_DATE = "K"
    REMINDER = "M"
    THIRTY_DAYS = "30"
    THIRTY_DAYS_AFTER_WORK = "30b"
    REFUSAL = "R"


@dataclass(frozen=True, slots=True)
class Demand:
    """A clear demand for payment that reached the customer on `received_on`, with the end of the period it set."""

    received_on: date
    pay_until: date | None = None


@dataclass(frozen=True, slots=True)
class DefaultFacts:
    """What the start of default rests on.

    `claim_due` is the day on which payment may be demanded (works: acceptance), `printed_due` the date on the invoice,
    `agreed_due` a date agreed in the contract, `received_on` the receipt of the invoice (None: unsure), `performed_on`
    the receipt of goods or work, `note_printed` the note of § 286 (3) BGB on the invoice, `withheld` the reason why
    the customer need not pay now (§ 286 (4), § 320 BGB), `laender` the seats of both sides (ISO 3166-2 letters).
    """

    kind: CustomerKind
    claim_due: date
    printed_due: date
    agreed_due: date | None = None
    received_on: date | None = None
    performed_on: date | None = None
    note_printed: bool = False
    reminders: tuple[Demand, ...] = ()
    refused_on: date | None = None
    withheld: str = ""
    laender: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DefaultStart:
    """The last day on which payment is in time and the way it was found; both None if nothing brings default yet.

    `reasons` are German sentences, also for the ways that do not apply.
    """

    last_day: date | None
    way: Way | None
    reasons: tuple[str, ...]

    @property
    def in_default_since(self) -> date | None:
        """The first day of default and of interest."""
        return self.last_day + DAY if self.last_day else None

    def is_in_default(self, today: date) -> bool:
        """Whether the customer is in default on a day, as long as anything is open."""
        return self.last_day is not None and today > self.last_day


@dataclass(frozen=True, slots=True)
class _Found:
    way: Way
    last_day: date
    reason: str


def default_start(facts: DefaultFacts) -> DefaultStart:
    """The earliest lawful start of default; never before the claim is due nor before the printed date has passed."""
    if facts.withheld:
        text = f"Kein Verzug: {facts.withheld} (§ 286 Abs. 4, § 320 BGB)."
        return DefaultStart(None, None, (text,))
    found = sorted(_ways(facts), key=lambda each: each.last_day)
    if not found:
        return DefaultStart(None, None, tuple(_why_not(facts)))
    first = found[0]
    last_day = max(first.last_day, _granted_until(facts))
    reasons = [each.reason for each in found]
    if last_day > first.last_day:
        reasons.append(
            f"Vor Ablauf des {_german(last_day)} (Zahlungsziel der Rechnung, Fälligkeit) wird kein Verzug angenommen."
        )
    reasons.append(f"In Verzug seit {_german(last_day + DAY)}, sofern nicht bis {_german(last_day)} gezahlt ist.")
    return DefaultStart(last_day, first.way, tuple(reasons))


def last_working_day(day: date, laender: Iterable[str] = ()) -> date:
    """The end of a period, moved to the next day that is a working day at every seat (§ 193 BGB)."""
    seats = tuple(laender) or ("",)
    while not all(is_working_day(day, land) for land in seats):
        day += DAY
    return day


def letter_received(posted_on: date, laender: Iterable[str] = ()) -> date:
    """The prudent assumption for a letter: the third working day after posting. No law presumes it."""
    seats = tuple(laender)
    day = posted_on
    for _ in range(LETTER_DAYS):
        day = last_working_day(day + DAY, seats)
    return day


def mail_received(sent_at: datetime, laender: Iterable[str] = ()) -> date:
    """The prudent assumption for a mail that did not bounce: that working day, after 17:00 in Berlin the next one.

    Raises `ValueError` on a naive instant.
    """
    if sent_at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    local = sent_at.astimezone(BERLIN)
    too_late = local.timetz().replace(tzinfo=None) > END_OF_BUSINESS
    return last_working_day(local.date() + DAY if too_late else local.date(), laender)


def surely_late_on(kind: CustomerKind, last_day: date, laender: Iterable[str] = ()) -> date:
    """The first day on which a missing credit proves lateness.

    Businesses must have been credited by `last_day` (ECJ C-306/06); for consumers an order given in time suffices
    (BGH VIII ZR 222/15), so two bank working days are allowed for its way.
    """
    if kind is not CustomerKind.CONSUMER:
        return last_day + DAY
    seats = tuple(laender)
    return last_working_day(last_working_day(last_day + DAY, seats) + DAY, seats) + DAY


def _ways(facts: DefaultFacts) -> Iterator[_Found]:
    if facts.agreed_due:
        day = last_working_day(facts.agreed_due, facts.laender)
        text = f"Vereinbart war Zahlung bis {_german(facts.agreed_due)}{_moved(facts.agreed_due, day)}"
        yield _Found(Way.AGREED_DATE, day, f"{text} (§ 286 Abs. 2 Nr. 1, 2 BGB).")
    yield from _by_reminder(facts)
    yield from _by_thirty_days(facts)
    if facts.refused_on:
        text = f"Ernsthaft und endgültig verweigert am {_german(facts.refused_on)} (§ 286 Abs. 2 Nr. 3 BGB)."
        yield _Found(Way.REFUSAL, facts.refused_on, text)


def _by_reminder(facts: DefaultFacts) -> Iterator[_Found]:
    for demand in facts.reminders:
        if demand.received_on <= _granted_until(facts):
            continue
        day, text = demand.received_on, f"Mahnung zugegangen am {_german(demand.received_on)}"
        if demand.pay_until and demand.pay_until > demand.received_on:
            day = last_working_day(demand.pay_until, facts.laender)
            text += f" mit Frist bis {_german(demand.pay_until)}{_moved(demand.pay_until, day)}"
        yield _Found(Way.REMINDER, day, f"{text} (§ 286 Abs. 1 BGB).")


def _by_thirty_days(facts: DefaultFacts) -> Iterator[_Found]:
    consumer = facts.kind is CustomerKind.CONSUMER
    if facts.received_on and (facts.note_printed or not consumer):
        text = f"30 Tage nach Fälligkeit ({_german(facts.claim_due)}) und Zugang ({_german(facts.received_on)})"
        yield _thirty(Way.THIRTY_DAYS, max(facts.claim_due, facts.received_on), text, facts)
    elif facts.performed_on and not facts.received_on and not consumer:
        text = f"Zugang unsicher; 30 Tage nach Fälligkeit und Empfang der Leistung ({_german(facts.performed_on)})"
        yield _thirty(Way.THIRTY_DAYS_AFTER_WORK, max(facts.claim_due, facts.performed_on), text, facts)


def _thirty(way: Way, start: date, text: str, facts: DefaultFacts) -> _Found:
    end = start + STATUTORY_DAYS
    day = last_working_day(end, facts.laender)
    return _Found(way, day, f"{text} enden am {_german(end)}{_moved(end, day)} (§ 286 Abs. 3 BGB).")


def _granted_until(facts: DefaultFacts) -> date:
    """Whoever prints a date grants time until then; and nothing is late before it is due."""
    return max(last_working_day(facts.printed_due, facts.laender), facts.claim_due)


def _why_not(facts: DefaultFacts) -> Iterator[str]:
    yield "Kein Verzug: Ein nur auf die Rechnung gedrucktes Datum ist nicht vereinbart (BGH III ZR 91/07)."
    if facts.reminders:
        yield "Die Mahnung ging vor Ablauf des Zahlungsziels oder vor Fälligkeit zu und zählt nicht (§ 286 Abs. 1 BGB)."
    else:
        yield "Es ist keine Mahnung zugegangen (§ 286 Abs. 1 BGB)."
    if facts.kind is CustomerKind.CONSUMER and not facts.note_printed:
        yield "Der Hinweis an Verbraucher auf die 30 Tage steht nicht auf der Rechnung (§ 286 Abs. 3 Satz 1 BGB)."
    elif not facts.received_on:
        yield "Der Zugang der Rechnung steht nicht fest (§ 286 Abs. 3 BGB)."


def _moved(day: date, moved: date) -> str:
    return f", kein Werktag, daher bis {_german(moved)} (§ 193 BGB)" if moved != day else ""


def _german(day: date) -> str:
    return f"{day:%d.%m.%Y}"
