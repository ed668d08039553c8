"""What came back by mail: how far each mailbox is read, which mails are known, and which of ours they are about."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.journal import record
from ledger.overrides import MAILS
from ledger.post_tables import IncomingMailRow, MailboxRow
from ledger.tables import EffectRow, InvoiceRow, Json

_MARKER = re.compile(r"rb-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}")


def place(session: Session, client: str, name: str) -> MailboxRow | None:
    """How far a mailbox has been read; None before the first time."""
    return session.get(MailboxRow, (client, name))


def move_on(session: Session, client: str, name: str, validity: str, number: int, now: datetime) -> None:
    """The mail at this place, and all before it, has been read."""
    row = place(session, client, name)
    if row is None:
        session.add(MailboxRow(client=client, name=name, validity=validity, number=number, read_at=now))
        return
    row.number = max(number, row.number) if row.validity == validity else number
    row.validity, row.read_at = validity, now


def is_known(session: Session, client: str, sha256: str) -> bool:
    """Whether these bytes have been read before, wherever they lay."""
    query = select(IncomingMailRow.id).where(IncomingMailRow.client == client, IncomingMailRow.sha256 == sha256)
    return session.scalar(query) is not None


def take_in(
    session: Session,
    client: str,
    sha256: str,
    sort: str,
    claim: str,
    effect: EffectRow | None,
    facts: Json,
    now: datetime,
) -> IncomingMailRow:
    """Note a mail. What belongs to none of ours leaves nothing behind but that it was there."""
    row = IncomingMailRow(
        client=client,
        sha256=sha256,
        sort=sort,
        claim=claim,
        invoice_id=effect.invoice_id if effect else None,
        effect_id=effect.id if effect else None,
        facts=facts if effect else {},
        seen_at=now,
    )
    session.add(row)
    session.flush()
    if effect:
        record(session, now, client, f"mail came: {sort}", effect.invoice_id, **facts)
    return row


def about(session: Session, client: str, names: Sequence[str]) -> list[EffectRow]:
    """Our mails that these Message-IDs, or their local parts, mean: in their order, copies last."""
    found: list[EffectRow] = []
    for name in (name.lower() for name in names):
        marker = _MARKER.match(name)
        if marker is None:
            continue
        query = (
            select(EffectRow)
            .join(InvoiceRow, InvoiceRow.id == EffectRow.invoice_id)
            .where(InvoiceRow.client == client, InvoiceRow.marker == marker[0].upper(), EffectRow.kind.in_(MAILS))
            .order_by(EffectRow.kind.desc(), EffectRow.id)
        )
        found += [effect for effect in session.scalars(query) if _is_meant(effect, name) and effect not in found]
    return found


def _is_meant(effect: EffectRow, name: str) -> bool:
    message_id = str(effect.payload.get("message_id", "")).strip("<>").lower()
    return name in (message_id, message_id.partition("@")[0])
