"""The tables of what we ask foreign systems again and again, and of the tasks that stand on a board outside."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.base import Base


class RecheckRow(Base):
    """When something that is held was looked at again: for the first time in this spell, and the last time."""

    __tablename__ = "rechecks"

    client: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(String(220), primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class CardRow(Base):
    """A task as it stands on a board outside: `shown` is what was last put there, empty while nothing was.

    It may be put there twice without harm, so it needs no law of effects: only when to try again, and why.
    """

    __tablename__ = "task_cards"
    __table_args__ = (Index("task_cards_by_client", "client", "shown"),)

    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), primary_key=True, autoincrement=False)
    client: Mapped[str] = mapped_column(String(40))
    shown: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int]
    not_before: Mapped[datetime]
    error: Mapped[str]
    changed_at: Mapped[datetime]


class OutageRow(Base):
    """A step that does not get through to a foreign system since then; `task_id` is the task that says so, if any."""

    __tablename__ = "outages"

    client: Mapped[str] = mapped_column(String(40), primary_key=True)
    step: Mapped[str] = mapped_column(String(40), primary_key=True)
    since: Mapped[datetime]
    reason: Mapped[str]
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))
