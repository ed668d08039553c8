"""The table of what customers' answers propose, until a person accepts or declines it."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.base import Base


class ProposalRow(Base):
    """A lever that an answer proposes, with the task that asks about it; `kind` is empty for a claim to have paid.

    Undecided while `decided_at` is None and its task is open; `lever_id` is what came of it, None when it was declined.
    """

    __tablename__ = "proposals"

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Decimal | None]
    until: Mapped[date | None]
    said: Mapped[str]
    said_by: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    lever_id: Mapped[int | None] = mapped_column(ForeignKey("levers.id"))
