"""The tables of those who sign in at the desk: accounts, roles, sessions, recovery codes, tries to sign in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.tables import Base


class AccountRow(Base):
    """A person. `totp_secret` is empty without second factor and else sealed by a key that lies outside of the ledger.

    `totp_used` is the last time step that was accepted.
    """

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str]
    totp_secret: Mapped[str] = mapped_column(String(300))
    totp_used: Mapped[int]
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class RoleRow(Base):
    """What a person is for one client; the client `*` stands for all of them."""

    __tablename__ = "roles"
    __table_args__ = (UniqueConstraint("account_id", "client"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    client: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(20))


class SessionRow(Base):
    """Somebody signed in: `token` is the SHA-256 of what the browser holds; `passed_at` is None before the second
    factor."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    address: Mapped[str] = mapped_column(String(80))
    agent: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    passed_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RecoveryCodeRow(Base):
    """A recovery code that is still good: `code` is its SHA-256. The row goes when the code is used."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("account_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    code: Mapped[str] = mapped_column(String(64))


class SignInRow(Base):
    """One failed try to sign in: what the brake counts."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index("sign_ins_by_name", "name", "at"), Index("sign_ins_by_address", "address", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
