"""When what is held is looked at again: soon at first, then ever more rarely, so that it costs next to no requests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ledger.link_tables import RecheckRow

LEAST = timedelta(minutes=15)
MOST = timedelta(hours=6)
NEVER = datetime.min.replace(tzinfo=UTC)


def is_due(
    session: Session,
    client: str,
    subject: str,
    now: datetime,
    changed_at: datetime | None = None,
    most: timedelta = MOST,
) -> bool:
    """Whether a thing is worth another look: never looked at, its pause is over, or the settings changed since.

    The pause is as long as it was looked at in vain so far, between a quarter of an hour and `most`. A clock that
    was set back by more than that begins anew; the small steps by which clocks of several machines differ do not.
    """
    row = session.get(RecheckRow, (client, subject))
    if row is None or _set_back(now, row) or (changed_at and changed_at > row.last_at):
        return True
    return now >= row.last_at + min(max(row.last_at - row.first_at, LEAST), most)


def of_invoice(invoice_id: int) -> str:
    """What looks at a held invoice are kept under."""
    return f"invoice/{invoice_id}"


def longest_unseen(session: Session, client: str, invoice_ids: Sequence[int], limit: int) -> list[int]:
    """Those of the invoices that nobody has looked at for longest, so that with a limit each has its turn."""
    rows = session.execute(select(RecheckRow.subject, RecheckRow.last_at).where(RecheckRow.client == client))
    seen = dict(rows.tuples().all())
    return sorted(invoice_ids, key=lambda invoice_id: seen.get(of_invoice(invoice_id), NEVER))[:limit]


def looked(session: Session, client: str, subject: str, now: datetime) -> None:
    """It is looked at now. One that was left alone for long is a new case, which begins with short pauses."""
    row = session.get(RecheckRow, (client, subject))
    if row is None:
        session.add(RecheckRow(client=client, subject=subject, first_at=now, last_at=now))
        return
    if _set_back(now, row) or now > row.last_at + 2 * MOST:
        row.first_at = now
    row.last_at = now


def hurry(session: Session, client: str) -> None:
    """A person wants everything of a client looked at again at once."""
    session.execute(delete(RecheckRow).where(RecheckRow.client == client))


def _set_back(now: datetime, row: RecheckRow) -> bool:
    return now < row.last_at - LEAST
