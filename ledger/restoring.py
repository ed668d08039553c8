"""After an old ledger was put back: what it does not know may have happened, and nothing is done a second time.

The lost ledger may have created, sent and reminded. What can be searched for is searched for before it is created;
mails cannot, so a person decides about them; reminders wait until somebody has looked.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from billing.calendar import berlin_day
from ledger import overrides, stops
from ledger.effects import Kind, State
from ledger.invoices import DRAFTED, ISSUED, SENT
from ledger.journal import record
from ledger.overrides import INVOICE_LETTERS, INVOICE_MAILS, TRANSMISSIONS, Word
from ledger.stops import ALL, PROGRAM, Cause
from ledger.tables import EffectRow, InvoiceRow, MetaRow
from ledger.witness import EPOCH

RESTORED = "restored"
"""The phase of an effect that the lost ledger may have carried out."""

PUT_BACK = "put-back"
"""The key under which a ledger notes that it comes from a backup (its time, ISO 8601) and nobody has adopted it."""

RESTORED_AT = "restored-at"
DOUBT = timedelta(days=30)
"""So long after the taking over every new invoice is searched for before it is created."""

TEXT = "Das Hauptbuch wurde zurückgespielt; ob dies inzwischen geschah, ist unbekannt."
MAY_HAVE_HAPPENED = (State.PLANNED, State.FAILED, State.IN_FLIGHT, State.REFUSED)


def put_back(session: Session) -> str:
    """A German sentence while the ledger comes from a backup and nobody has taken it over; else nothing."""
    note = session.get(MetaRow, PUT_BACK)
    if note is None:
        return ""
    return f"Das Hauptbuch kommt aus der Sicherung vom {datetime.fromisoformat(note.value):%d.%m.%Y %H:%M} UTC."


def suspect(session: Session, why: str, now: datetime) -> None:
    """Let nothing leave any more until a person has taken the ledger over; once is enough."""
    if any(row.cause == Cause.RESTORE for row in stops.in_force(session)):
        return
    reason = f"{why} Nichts geht hinaus, bis jemand es übernimmt:  rechnungsbote adopt"
    stops.stop(session, ALL, ALL, Word(PROGRAM, reason), now, Cause.RESTORE)


def adopt(session: Session, word: Word, searches: int, now: datetime) -> int:
    """Take a restored ledger over; how many effects may have happened meanwhile. Raises `NothingToDecide`.

    `searches` is how many empty searches allow a new attempt: here the last of them is enough, because whatever was on
    its way has landed long ago.
    """
    if why := put_back(session):
        suspect(session, why, now)
        session.delete(session.get_one(MetaRow, PUT_BACK))
    stops.lift(session, ALL, ALL, (Cause.RESTORE,), word, now)
    epoch = session.get(MetaRow, EPOCH)
    session.merge(MetaRow(key=EPOCH, value=str(int(epoch.value if epoch else "0") + 1)))
    session.merge(MetaRow(key=RESTORED_AT, value=now.isoformat()))
    doubted = _doubt_effects(session, searches, now)
    _doubt_unsent(session)
    _hold_reminders(session, now)
    record(session, now, "", "ledger adopted", by=word.by, reason=word.reason, effects=doubted)
    return doubted


def plan_in_doubt(session: Session, effect: EffectRow, searches: int, now: datetime) -> None:
    """Call a newly planned effect unknown if the lost ledger may have carried it out."""
    if effect.state != State.PLANNED or not _may_have_happened(session, effect, now):
        return
    effect.state, effect.phase, effect.lookups = State.UNKNOWN, RESTORED, searches - 1
    effect.error, effect.evidence = TEXT, "zurückgespieltes Hauptbuch"


def _may_have_happened(session: Session, effect: EffectRow, now: datetime) -> bool:
    if effect.kind == Kind.CREATE_INVOICE:
        restored_at = session.get(MetaRow, RESTORED_AT)
        return restored_at is not None and now < datetime.fromisoformat(restored_at.value) + DOUBT
    if effect.kind not in (*INVOICE_MAILS, *INVOICE_LETTERS):
        return False
    made = select(EffectRow.phase).where(
        EffectRow.invoice_id == effect.invoice_id, EffectRow.kind == Kind.CREATE_INVOICE
    )
    return session.scalar(made) == RESTORED


def _doubt_effects(session: Session, searches: int, now: datetime) -> int:
    query = select(EffectRow).where(
        EffectRow.kind.in_((Kind.CREATE_INVOICE, *TRANSMISSIONS)), EffectRow.state.in_(MAY_HAVE_HAPPENED)
    )
    rows = list(session.scalars(query))
    for row in rows:
        row.state, row.phase, row.error, row.evidence = State.UNKNOWN, RESTORED, TEXT, "zurückgespieltes Hauptbuch"
        row.lookups, row.looked_at, row.not_before, row.lease_until = searches - 1, None, now, None
        row.changed_at = now
        record(session, now, row.client, f"{row.kind} {State.UNKNOWN}", row.invoice_id, key=row.key, error=TEXT)
    return len(rows)


def _doubt_unsent(session: Session) -> None:
    """The lost ledger may have mailed what this one has created and not sent yet."""
    unsent = select(InvoiceRow.id).where(InvoiceRow.stage.in_((DRAFTED, ISSUED)))
    session.execute(
        update(EffectRow)
        .where(EffectRow.kind == Kind.CREATE_INVOICE, EffectRow.invoice_id.in_(unsent))
        .values(phase=RESTORED)
    )


def _hold_reminders(session: Session, now: datetime) -> None:
    """Whoever was to be looked at until today may have been reminded by the lost ledger already."""
    today = berlin_day(now)
    query = select(InvoiceRow).where(InvoiceRow.stage == SENT, InvoiceRow.check_on <= today)
    text = "Nach dem Zurückspielen: Bitte prüfen, ob schon erinnert wurde, dann  rechnungsbote release"
    for invoice in session.scalars(query).all():
        if overrides.held(session, invoice.id, today) is None:
            overrides.hold(session, invoice, None, Word(PROGRAM, text), now)
