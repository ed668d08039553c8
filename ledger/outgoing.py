"""Second copies on their way out: which are wanted but not written, and where the first copy went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.calendar import berlin_day
from ledger.effects import TAKEABLE, Kind, State
from ledger.tables import EffectRow, InvoiceRow

BY_MAIL = (Kind.SEND_INVOICE, Kind.SEND_ELSEWHERE)
WAYS = (*BY_MAIL, Kind.POST_INVOICE)
"""How an invoice reaches its customer."""


@dataclass(frozen=True, slots=True)
class FirstCopy:
    """The last mail with an invoice that was accepted: to whom, and on which day."""

    recipient: str
    on: date


def unwritten(session: Session, client: str) -> list[int]:
    """Ids of the second copies that wait for their mail to be written, oldest first."""
    query = select(EffectRow).where(
        EffectRow.client == client, EffectRow.kind == Kind.SEND_DUPLICATE, EffectRow.state.in_(TAKEABLE)
    )
    return [row.id for row in session.scalars(query.order_by(EffectRow.id)) if not is_written(row)]


def is_written(effect: EffectRow) -> bool:
    """Whether the bytes of a mail are known: only then it can be sent."""
    return "sha256" in effect.payload


def write(effect: EffectRow, sha256: str, recipient: str, message_id: str, iban: str) -> None:
    """Note the bytes that leave, and nothing but them."""
    facts = {"sha256": sha256, "recipient": recipient, "message_id": message_id, "iban": iban}
    effect.payload = {**effect.payload, **facts}


def arrived(session: Session, invoice_id: int) -> FirstCopy:
    """Where the invoice went by mail. Raises `LookupError` if no mail with it was ever accepted."""
    effect = last_way(session, invoice_id, BY_MAIL)
    if effect is None:
        raise LookupError(f"no mail with invoice {invoice_id} has arrived")
    return FirstCopy(str(effect.payload["recipient"]), berlin_day(effect.changed_at))


def last_way(session: Session, invoice_id: int, kinds: Sequence[Kind]) -> EffectRow | None:
    """How the invoice last reached its customer in one of these ways."""
    query = (
        select(EffectRow)
        .where(EffectRow.invoice_id == invoice_id, EffectRow.kind.in_(kinds), EffectRow.state == State.DONE)
        .order_by(EffectRow.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def is_first(effect: EffectRow, invoice: InvoiceRow) -> bool:
    """Whether an effect is to bring the invoice to its customer for the first time."""
    return effect.kind == Kind.SEND_INVOICE or (effect.kind == Kind.POST_INVOICE and invoice.sent_at is None)
