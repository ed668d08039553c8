"""Cancelling: a person's word that an issued invoice is void, and what stops from that moment on.

The intent is an effect like every other: written down first, carried out by the next run, looked up when its outcome
is unknown. Reminders stop with the word itself, by a block that goes when the word is taken back.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger import effects, levers, outgoing, overrides
from ledger.effects import REMINDERS, TAKEABLE, Kind, State
from ledger.journal import record
from ledger.overrides import NothingToDecide, Word
from ledger.tables import DocumentRow, EffectRow, InvoiceRow, LeverRow

PDF = "cancellation-pdf"
XML = "cancellation-xml"
MAIL = "cancellation-mail"
LETTER = "cancellation-letter"
BLOCKED = "Storno veranlasst"
LEFT = (State.DONE, State.IN_FLIGHT, State.UNKNOWN)
"""What has left, or may have."""


def ask(session: Session, invoice: InvoiceRow, word: Word, now: datetime) -> EffectRow:
    """Plan the cancellation of an issued invoice; its mail and its reminders stay here from now on.

    Raises `NothingToDecide` for one without number, a cancelled one, or one whose cancellation is under way.
    """
    if invoice.number is None or invoice.external_id is None:
        raise NothingToDecide("Die Rechnung hat noch keine Nummer; dann gibt es nichts zu stornieren.")
    if invoice.is_voided:
        raise NothingToDecide("Die Rechnung ist schon storniert.")
    if wanted(session, invoice.id):
        raise NothingToDecide("Der Storno ist schon veranlasst.")
    payload = {"by": word.by, "reason": word.reason, "lever": _block(session, invoice, word, now)}
    effect = effects.plan(session, invoice.client, Kind.CANCEL_INVOICE, invoice.marker, invoice.id, payload, now)
    if effect.state == State.CANCELLED:
        effects.move(session, effect, State.PLANNED, now)
        session.refresh(effect)
        effect.payload = payload
    _keep_mail_here(session, invoice, now)
    record(session, now, invoice.client, "decided: cancel", invoice.id, by=word.by, reason=word.reason)
    return effect


def taken_back(session: Session, effect: EffectRow, word: Word, now: datetime) -> None:
    """The cancellation was given up before it happened: its block ends, dunning goes on."""
    lever = session.get(LeverRow, effect.payload.get("lever") or 0)
    if lever is None or lever.ended_at:
        return
    lever.ended_at, lever.ended_by = now, word.by
    levers.look_again(session.get_one(InvoiceRow, effect.invoice_id), now)
    record(session, now, effect.client, "lever lifted: block", effect.invoice_id, by=word.by, reason=word.reason)


def of(session: Session, invoice_id: int) -> EffectRow | None:
    """The cancellation of an invoice, None if nobody has asked for it."""
    query = select(EffectRow).where(EffectRow.invoice_id == invoice_id, EffectRow.kind == Kind.CANCEL_INVOICE)
    return session.scalar(query)


def wanted(session: Session, invoice_id: int) -> bool:
    """Whether somebody has asked for the cancellation and nobody has taken that back."""
    effect = of(session, invoice_id)
    return effect is not None and effect.state != State.CANCELLED


def to_file(session: Session, client: str) -> list[int]:
    """Ids of the invoices that are cancelled by us, and whose cancellation has no paper yet, oldest first."""
    filed = select(DocumentRow.invoice_id).where(DocumentRow.client == client, DocumentRow.kind == PDF)
    query = select(EffectRow.invoice_id).where(
        EffectRow.client == client,
        EffectRow.kind == Kind.CANCEL_INVOICE,
        EffectRow.state == State.DONE,
        EffectRow.invoice_id.not_in(filed),
    )
    return list(session.scalars(query.order_by(EffectRow.id)))


def reached_customer(session: Session, invoice: InvoiceRow) -> bool:
    """Whether the customer has the invoice, or may have it: then he has to get its cancellation as well."""
    if invoice.sent_at:
        return True
    query = select(EffectRow.state).where(
        EffectRow.invoice_id == invoice.id,
        EffectRow.kind.in_(outgoing.WAYS),
    )
    return any(state in LEFT for state in session.scalars(query))


def _block(session: Session, invoice: InvoiceRow, word: Word, now: datetime) -> int | None:
    """The block that keeps reminders here, unless nothing is open that could be reminded of."""
    if invoice.open_amount <= 0 or invoice.due_date is None:
        return None
    lever = levers.pull(session, levers.Kind.BLOCK, invoice, Word(word.by, f"{BLOCKED}: {word.reason}"), now)
    session.flush()
    return lever.id


def _keep_mail_here(session: Session, invoice: InvoiceRow, now: datetime) -> None:
    """What was about to go to the customer; reminders are weighed again before they leave, and the block holds them."""
    query = select(EffectRow.id).where(
        EffectRow.invoice_id == invoice.id,
        EffectRow.kind.in_([kind for kind in overrides.TRANSMISSIONS if kind not in REMINDERS]),
        EffectRow.state.in_(TAKEABLE),
    )
    for effect_id in session.scalars(query).all():
        effects.cancel(session, effect_id, BLOCKED, now)
