"""What people decide where no program may: each word is kept with name, reason and time, and works once."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from billing.calendar import berlin_day
from ledger import effects, letters, outgoing
from ledger.effects import DOUBLED, Kind, State
from ledger.journal import record
from ledger.tables import EffectRow, HoldRow, InvoiceRow, Json

INVOICE_MAILS = (
    Kind.SEND_INVOICE,
    Kind.SEND_COPY,
    Kind.SEND_ELSEWHERE,
    Kind.SEND_DUPLICATE,
    Kind.SEND_CANCELLATION,
)
"""The mails that bring an invoice, or what became of it, to somebody."""
MAILS = (*INVOICE_MAILS, Kind.SEND_REMINDER)
INVOICE_LETTERS = (Kind.POST_INVOICE, Kind.POST_CANCELLATION)
LETTERS = (*INVOICE_LETTERS, Kind.POST_REMINDER)
TRANSMISSIONS = (*MAILS, *LETTERS)
"""Whatever brings a document to somebody."""
UNDER_WAY = (State.PLANNED, State.FAILED, State.IN_FLIGHT, State.UNKNOWN, State.REFUSED)
"""What has not ended yet."""
FARTHEST_YEARS = 10
"""So far away a day can be meant. Terms are reckoned on from it, and the calendar itself ends with the year 9999."""


class NothingToDecide(Exception):
    """There is no case of that kind (any more); the message is German."""


@dataclass(frozen=True, slots=True)
class Word:
    """Who decides, and why."""

    by: str
    reason: str


def within_reach(until: date | None, today: date) -> None:
    """A last day that is over would mean nothing, and one beyond all plans is a slip. Raises `NothingToDecide`."""
    if until and until < today:
        raise NothingToDecide(f"Der {until:%d.%m.%Y} ist schon vorbei.")
    if until and until.year > today.year + FARTHEST_YEARS:
        raise NothingToDecide(f"Bis zum {until:%d.%m.%Y} ist zu lange; höchstens {FARTHEST_YEARS} Jahre gehen.")


def arrived(session: Session, invoice: InvoiceRow, word: Word, now: datetime) -> EffectRow:
    """A person knows that the mail or letter of unknown fate has arrived. Raises `NothingToDecide`."""
    nothing = "Es gibt keine Mail und keinen Brief, deren Ankunft unbekannt ist."
    effect = _open_case(session, invoice, TRANSMISSIONS, (State.UNKNOWN,), nothing)
    result: Json = {"answer": f"angekommen laut {word.by}"}
    if not effects.adopt(session, effect, result, now):
        raise NothingToDecide("Das ist schon entschieden.")
    _note(session, invoice, "arrived", effect, word, now)
    return effect


def resend(session: Session, invoice: InvoiceRow, word: Word, now: datetime) -> EffectRow:
    """Send the archived bytes again: the person takes it that they did not arrive. Raises `NothingToDecide`."""
    states = (State.UNKNOWN, State.REFUSED, State.CANCELLED)
    nothing = "Es gibt keine Mail und keinen Brief, die erneut gesendet werden könnten."
    effect = _open_case(session, invoice, TRANSMISSIONS, states, nothing)
    _restart(session, effect, now)
    _note(session, invoice, "resend", effect, word, now)
    return effect


def duplicate(session: Session, invoice: InvoiceRow, word: Word, now: datetime) -> EffectRow:
    """Send the papers of an invoice once more to a customer who says that they never came, the way they went.

    The next run writes the mail; a letter is the same once more. Raises `NothingToDecide` where nothing has arrived,
    something is under way, or the invoice is cancelled.
    """
    way = outgoing.last_way(session, invoice.id, outgoing.WAYS)
    if way is None or invoice.is_voided:
        raise NothingToDecide("Eine Zweitschrift gibt es nur von einer Rechnung, die ankam und die noch gilt.")
    by_post = way.kind == Kind.POST_INVOICE
    kind = Kind.POST_INVOICE if by_post else Kind.SEND_DUPLICATE
    earlier = _states_of(session, invoice, (kind,))
    if set(earlier) & set(UNDER_WAY):
        raise NothingToDecide("Eine Zweitschrift ist schon unterwegs.")
    document = f"invoice-letter-{len(earlier) + 1}-again" if by_post else f"invoice-duplicate-{len(earlier) + 1}-mail"
    payload = {**(way.payload if by_post else {}), "document": document}
    key = f"{invoice.marker}/{document}"
    effect = effects.plan(session, invoice.client, kind, key, invoice.id, payload, now)
    _note(session, invoice, "duplicate", effect, word, now)
    return effect


def retry(session: Session, invoice: InvoiceRow, word: Word, now: datetime) -> EffectRow:
    """Try again at once what failed or was refused and so provably did not happen. Raises `NothingToDecide`.

    What was found more than once did happen: it is looked up again, after the person has cleared up.
    """
    states = (State.REFUSED, State.FAILED)
    effect = _open_case(session, invoice, tuple(Kind), states, "Es gibt nichts, was fehlgeschlagen oder abgelehnt ist.")
    _restart(session, effect, now, State.UNKNOWN if effect.phase == DOUBLED else State.PLANNED)
    _note(session, invoice, "retry", effect, word, now)
    return effect


def give_up(session: Session, invoice: InvoiceRow, word: Word, now: datetime) -> EffectRow:
    """Drop what cannot or need not be done any more. Raises `NothingToDecide`."""
    states = (State.UNKNOWN, State.REFUSED, State.FAILED, State.PLANNED)
    effect = _open_case(session, invoice, tuple(Kind), states, "Es gibt nichts Offenes, was aufzugeben wäre.")
    if not effects.move(session, effect, State.CANCELLED, now):
        raise NothingToDecide("Das ist schon entschieden.")
    _note(session, invoice, "give-up", effect, word, now)
    return effect


def hold(session: Session, invoice: InvoiceRow, until: date | None, word: Word, now: datetime) -> HoldRow:
    """Let nothing more leave for an invoice, neither mail nor reminder.

    Raises `NothingToDecide` if it is held, or the day is over or too far away.
    """
    within_reach(until, berlin_day(now))
    if held(session, invoice.id, berlin_day(now)):
        raise NothingToDecide("Die Rechnung ist schon angehalten.")
    row = HoldRow(
        client=invoice.client,
        invoice_id=invoice.id,
        reason=word.reason,
        until=until,
        made_by=word.by,
        made_at=now,
        lifted_at=None,
    )
    session.add(row)
    facts = {"by": word.by, "reason": word.reason, "until": str(until or "offen")}
    record(session, now, invoice.client, "decided: hold", invoice.id, **facts)
    return row


def release(session: Session, invoice: InvoiceRow, word: Word, now: datetime) -> None:
    """Lift a hold. Raises `NothingToDecide` when there is none."""
    row = held(session, invoice.id, berlin_day(now))
    if row is None:
        raise NothingToDecide("Die Rechnung ist nicht angehalten.")
    row.lifted_at = now
    record(session, now, invoice.client, "decided: release", invoice.id, by=word.by, reason=word.reason)


def held(session: Session, invoice_id: int, today: date | None) -> HoldRow | None:
    """The hold that is in force on `today`; without a day any hold that nobody has lifted."""
    query = select(HoldRow).where(HoldRow.invoice_id == invoice_id, HoldRow.lifted_at.is_(None))
    if today:
        query = query.where(or_(HoldRow.until.is_(None), HoldRow.until >= today))
    return session.scalar(query.order_by(HoldRow.id.desc()).limit(1))


def _open_case(
    session: Session, invoice: InvoiceRow, kinds: tuple[Kind, ...], states: tuple[State, ...], nothing: str
) -> EffectRow:
    query = (
        select(EffectRow)
        .where(letters.about(invoice.id), EffectRow.kind.in_(kinds), EffectRow.state.in_(states))
        .order_by(EffectRow.id.desc())
        .limit(1)
    )
    effect = session.scalar(query)
    if effect is None:
        raise NothingToDecide(nothing)
    return effect


def _states_of(session: Session, invoice: InvoiceRow, kinds: tuple[Kind, ...]) -> list[str]:
    query = select(EffectRow.state).where(EffectRow.invoice_id == invoice.id, EffectRow.kind.in_(kinds))
    return list(session.scalars(query))


def _restart(session: Session, effect: EffectRow, now: datetime, state: State = State.PLANNED) -> None:
    if not effects.move(session, effect, state, now):
        raise NothingToDecide("Das ist schon entschieden.")


def _note(session: Session, invoice: InvoiceRow, verb: str, effect: EffectRow, word: Word, now: datetime) -> None:
    facts = {"key": effect.key, "by": word.by, "reason": word.reason}
    record(session, now, invoice.client, f"decided: {verb}", invoice.id, **facts)
