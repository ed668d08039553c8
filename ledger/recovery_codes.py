"""Recovery codes: each opens once what else the app's code of the second factor opens. Only their hashes are kept."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ledger.account_tables import AccountRow, RecoveryCodeRow
from ledger.journal import record


def replace(session: Session, account: AccountRow, hashes: Collection[str], by: str, now: datetime) -> None:
    """These codes instead of all earlier ones."""
    keep(session, account.id, hashes)
    record(session, now, "", "recovery codes made", name=account.name, by=by)


def keep(session: Session, account_id: int, hashes: Collection[str]) -> None:
    """What `replace` does, for whoever writes it into the journal with something else; without hashes all are gone."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))
    session.add_all(RecoveryCodeRow(account_id=account_id, code=each) for each in hashes)


def use(session: Session, account: AccountRow, code: str, now: datetime) -> bool:
    """Whether this hash is of a code that was still good; it is no more from now on."""
    mine = (RecoveryCodeRow.account_id == account.id, RecoveryCodeRow.code == code)
    used = session.execute(delete(RecoveryCodeRow).where(*mine))
    if not getattr(used, "rowcount", 0):
        return False
    record(session, now, "", "recovery code used", name=account.name, left=left(session, account.id))
    return True


def left(session: Session, account_id: int) -> int:
    """How many codes are still good."""
    mine = RecoveryCodeRow.account_id == account_id
    return session.scalar(select(func.count()).select_from(RecoveryCodeRow).where(mine)) or 0
