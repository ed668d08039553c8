"""Letters that a service has taken: what is known of their way, and when to ask again."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.effects import Flight
from ledger.journal import record
from ledger.post_tables import ConsignmentRow


def begin(session: Session, flight: Flight, external_id: str, stage: str, now: datetime) -> None:
    """The service has taken a letter; what it has read on it is to be looked at at once."""
    if session.get(ConsignmentRow, flight.effect_id) is None:
        session.add(
            ConsignmentRow(
                effect_id=flight.effect_id,
                client=flight.client,
                external_id=external_id,
                stage=stage,
                said="",
                is_checked=False,
                ordered_at=now,
                look_at=now,
            )
        )


def to_look_at(session: Session, client: str, now: datetime) -> list[int]:
    """Ids of the letters whose service is to be asked now, longest waiting first: those are their effects' ids."""
    query = select(ConsignmentRow.effect_id).where(ConsignmentRow.client == client, ConsignmentRow.look_at <= now)
    return list(session.scalars(query.order_by(ConsignmentRow.look_at, ConsignmentRow.effect_id)))


def get(session: Session, effect_id: int) -> ConsignmentRow:
    """The way of one letter; `LookupError` if no service has taken it."""
    row = session.get(ConsignmentRow, effect_id)
    if row is None:
        raise LookupError(f"no letter {effect_id}")
    return row


def seen(session: Session, row: ConsignmentRow, invoice_id: int, stage: str, said: str, now: datetime) -> bool:
    """Note what the service says; whether that is news."""
    if (row.stage, row.said) == (stage, said):
        return False
    row.stage, row.said = stage, said
    told = {"said": said} if said else {}
    record(session, now, row.client, f"letter {stage}", invoice_id, order=row.external_id, **told)
    return True
