"""Programs that may call the interface: each has a token, kept as its hash; giving and taking stand in the journal."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.journal import record
from ledger.tables import TokenRow

TOUCH = timedelta(minutes=5)
"""How exactly it is noted when a token was last used: a write for each call would be too much."""


def add(session: Session, name: str, token: str, roles: Mapping[str, str], by: str, now: datetime) -> None:
    """A program may call from now on. Raises `ValueError` with a German sentence when the name was ever used."""
    if session.scalar(select(TokenRow.id).where(TokenRow.name == name)) is not None:
        raise ValueError(f"Ein Token {name} gibt oder gab es schon; bitte einen anderen Namen wählen.")
    session.add(
        TokenRow(
            name=name,
            token=token,
            roles=dict(roles),
            created_at=now,
            created_by=by,
            used_at=None,
            revoked_at=None,
        )
    )
    record(session, now, "", "token added", name=name, by=by, roles=[f"{c}: {r}" for c, r in roles.items()])


def find(session: Session, token: str) -> TokenRow | None:
    """The program that holds the token with this hash, unless it was revoked."""
    return session.scalar(select(TokenRow).where(TokenRow.token == token, TokenRow.revoked_at.is_(None)))


def touch(session: Session, token_id: int, now: datetime) -> None:
    """Note that the token was used."""
    session.get_one(TokenRow, token_id).used_at = now


def everyone(session: Session) -> list[TokenRow]:
    """All tokens that count, by name."""
    return list(session.scalars(select(TokenRow).where(TokenRow.revoked_at.is_(None)).order_by(TokenRow.name)))


def revoke(session: Session, name: str, by: str, now: datetime) -> bool:
    """The program may not call any more; False when there is no such token."""
    row = session.scalar(select(TokenRow).where(TokenRow.name == name, TokenRow.revoked_at.is_(None)))
    if row is None:
        return False
    row.revoked_at = now
    record(session, now, "", "token revoked", name=name, by=by)
    return True
