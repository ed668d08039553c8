"""Letters about several invoices: which invoices a mail of ours is about, and which mails are about an invoice."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from ledger.effects import REMINDERS
from ledger.tables import EffectRow, InvoiceRow, NoticeRow


def invoices_in(session: Session, effect: EffectRow) -> list[InvoiceRow]:
    """All invoices that a mail is about: the one it is filed under first, then those that ride in the same letter."""
    return invoices_of(session, effect.id, effect.invoice_id)


def invoices_of(session: Session, effect_id: int, first: int) -> list[InvoiceRow]:
    """The same by ids."""
    query = (
        select(NoticeRow.invoice_id)
        .where(NoticeRow.effect_id == effect_id, NoticeRow.withdrawn_at.is_(None))
        .order_by(NoticeRow.id)
    )
    ids = dict.fromkeys((first, *session.scalars(query)))
    return [session.get_one(InvoiceRow, each) for each in ids]


def riders(session: Session, effect_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of mail and invoice for every invoice that these letters demand."""
    query = select(NoticeRow.effect_id, NoticeRow.invoice_id).where(
        NoticeRow.effect_id.in_(effect_ids), NoticeRow.withdrawn_at.is_(None)
    )
    return [(effect_id, invoice_id) for effect_id, invoice_id in session.execute(query) if effect_id is not None]


def about(invoice_id: int) -> ColumnElement[bool]:
    """That an effect is about an invoice; a letter that was withdrawn before it left is about none any more."""
    demanded = select(NoticeRow.effect_id).where(
        NoticeRow.invoice_id == invoice_id, NoticeRow.effect_id.is_not(None), NoticeRow.withdrawn_at.is_(None)
    )
    own = and_(EffectRow.invoice_id == invoice_id, EffectRow.kind.not_in(REMINDERS))
    return or_(own, EffectRow.id.in_(demanded))
