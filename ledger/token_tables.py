"""The table of programs that may call the interface."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.base import Base, Json


class TokenRow(Base):
    """A program with a token: `token` is the SHA-256 of what it holds, `roles` its role for each client."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    roles: Mapped[Json]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200))
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
