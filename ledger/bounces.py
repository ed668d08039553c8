"""Mails and letters of ours that did not arrive: open until another way worked or a person has said what became."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from ledger import letters
from ledger.effects import State
from ledger.journal import record
from ledger.overrides import LETTERS, NothingToDecide, Word
from ledger.post_tables import BounceRow, IncomingMailRow
from ledger.tables import EffectRow, InvoiceRow, NoticeRow

LONGEST_RECIPIENT = 254
"""A mail address is never longer; of an address on a letter this is enough to know it."""


def note(
    session: Session, effect: EffectRow, incoming: IncomingMailRow | None, status: str, diagnostic: str, now: datetime
) -> BounceRow | None:
    """The mail, or without `incoming` the letter, did not arrive; None when that is known already.

    `status` is a mail server's code (RFC 3463), empty for a letter.
    """
    if session.scalar(_open().where(BounceRow.effect_id == effect.id)) is not None:
        return None
    row = BounceRow(
        client=effect.client,
        invoice_id=effect.invoice_id,
        effect_id=effect.id,
        incoming_id=incoming.id if incoming else None,
        recipient=effect.payload["recipient"][:LONGEST_RECIPIENT],
        status=status,
        diagnostic=diagnostic,
        bounced_at=now,
        forward_to="",
        effect_to=None,
        task_id=None,
        settled_at=None,
        settled_by="",
    )
    session.add(row)
    session.flush()
    for invoice in letters.invoices_in(session, effect):
        what = "mail bounced" if incoming else "letter returned"
        facts = {"status": status} if status else {"diagnostic": diagnostic}
        record(session, now, effect.client, what, invoice.id, **facts)
    return row


def get(session: Session, bounce_id: int) -> BounceRow:
    """One bounce; `LookupError` if there is none."""
    row = session.get(BounceRow, bounce_id)
    if row is None:
        raise LookupError(f"no bounce {bounce_id}")
    return row


def open_ones(session: Session, clients: Sequence[str]) -> list[BounceRow]:
    """All that wait, oldest first."""
    return list(session.scalars(_open().where(BounceRow.client.in_(clients)).order_by(BounceRow.id)))


def of_invoices(session: Session, ids: Sequence[int]) -> dict[int, BounceRow]:
    """The latest open bounce of each invoice that has one: of its own mail, or of a letter that demands it, too."""
    found = [(row.invoice_id, row) for row in session.scalars(_open().where(BounceRow.invoice_id.in_(ids)))]
    query = (
        select(NoticeRow.invoice_id, BounceRow)
        .join(BounceRow, BounceRow.effect_id == NoticeRow.effect_id)
        .where(NoticeRow.invoice_id.in_(ids), NoticeRow.withdrawn_at.is_(None), BounceRow.settled_at.is_(None))
    )
    found += [(invoice_id, row) for invoice_id, row in session.execute(query)]
    return dict(sorted(found, key=lambda each: each[1].id))


def returned_effects(session: Session, effect_ids: Sequence[int]) -> frozenset[int]:
    """Ids of all mails of these invoices that ever came back: what came back did not arrive, whatever followed."""
    return frozenset(session.scalars(select(BounceRow.effect_id).where(BounceRow.effect_id.in_(effect_ids))))


def forward(session: Session, invoice: InvoiceRow, address: str, word: Word, now: datetime) -> BounceRow:
    """A person names another address; the next run sends the same documents there. Raises `NothingToDecide`."""
    row = _of(session, invoice)
    if row.effect_to is not None:
        raise NothingToDecide("Die Rechnung ist schon unterwegs zu einer anderen Adresse.")
    row.forward_to = address
    record(session, now, invoice.client, "decided: forward", invoice.id, by=word.by, reason=word.reason)
    return row


def arrived(session: Session, invoice: InvoiceRow, word: Word, now: datetime) -> BounceRow:
    """A person knows that the customer has it after all, by letter for instance. Raises `NothingToDecide`."""
    row = _of(session, invoice)
    record(session, now, invoice.client, "decided: arrived", invoice.id, by=word.by, reason=word.reason)
    settle(row, word.by, now)
    return row


def letter_returned(session: Session, invoice: InvoiceRow, word: Word, now: datetime) -> BounceRow:
    """A person has a letter in the hand that the post brought back. Raises `NothingToDecide` where none had left."""
    query = select(EffectRow).where(
        letters.about(invoice.id), EffectRow.kind.in_(LETTERS), EffectRow.state == State.DONE
    )
    effect = session.scalar(query.order_by(EffectRow.id.desc()).limit(1))
    row = note(session, effect, None, "", word.reason, now) if effect else None
    if row is None:
        raise NothingToDecide("Zu dieser Rechnung ist kein Brief unterwegs, der zurückkommen könnte.")
    record(session, now, invoice.client, "decided: letter returned", invoice.id, by=word.by, reason=word.reason)
    return row


def settle(row: BounceRow, by: str, now: datetime) -> None:
    """Nothing waits any more."""
    row.settled_at, row.settled_by = now, by


def settle_by_effect(session: Session, effect_id: int, now: datetime) -> BounceRow | None:
    """The mail to the other address, or the letter, has left: whatever waited for it is settled."""
    row = session.scalar(_open().where(BounceRow.effect_to == effect_id))
    if row is not None:
        settle(row, f"an {row.forward_to} gesendet" if row.forward_to else "als Brief verschickt", now)
    return row


def goes_by_post(session: Session, invoice_id: int) -> bool:
    """Whether the mails of an invoice have been exchanged for letters: none of its addresses worked."""
    row = session.scalar(_ways_of(invoice_id))
    return row is not None and not row.forward_to


def address_for(session: Session, invoice_id: int, usual: str) -> str:
    """Where the mails of an invoice go: to the last address that another one was exchanged for, else the usual."""
    row = session.scalar(_ways_of(invoice_id))
    return row.forward_to if row and row.forward_to else usual


def _ways_of(invoice_id: int) -> Select[tuple[BounceRow]]:
    """The last way that an invoice took after another had failed."""
    demanded = select(NoticeRow.effect_id).where(
        NoticeRow.invoice_id == invoice_id, NoticeRow.effect_id.is_not(None), NoticeRow.withdrawn_at.is_(None)
    )
    return (
        select(BounceRow)
        .where(or_(BounceRow.invoice_id == invoice_id, BounceRow.effect_id.in_(demanded)))
        .where(BounceRow.settled_at.is_not(None), BounceRow.effect_to.is_not(None))
        .order_by(BounceRow.id.desc())
        .limit(1)
    )


def _of(session: Session, invoice: InvoiceRow) -> BounceRow:
    row = of_invoices(session, [invoice.id]).get(invoice.id)
    if row is None:
        raise NothingToDecide("Zu dieser Rechnung ist nichts zurückgekommen, was noch offen wäre.")
    return row


def _open() -> Select[tuple[BounceRow]]:
    return select(BounceRow).where(BounceRow.settled_at.is_(None))
