"""Second copies on their way out: which are wanted but not written, and where the first copy went."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.calendar import berlin_day
from ledger.effects import TAKEABLE, Kind, State
from ledger.tables import EffectRow


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
    """Where the invoice went. Raises `LookupError` if no mail with it was ever accepted."""
    query = (
        select(EffectRow)
        .where(
            EffectRow.invoice_id == invoice_id,
            EffectRow.kind.in_((Kind.SEND_INVOICE, Kind.SEND_ELSEWHERE)),
            EffectRow.state == State.DONE,
        )
        .order_by(EffectRow.id.desc())
        .limit(1)
    )
    effect = session.scalar(query)
    if effect is None:
        raise LookupError(f"no mail with invoice {invoice_id} has arrived")
    return FirstCopy(str(effect.payload["recipient"]), berlin_day(effect.changed_at))
