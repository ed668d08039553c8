"""The table of recorded work, from the source's report to the invoice it is on."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.base import Base, Json


class WorkEntryRow(Base):
    """One piece of work. `state`: recorded, approved, rejected, billed, covered (by an allowance) or withdrawn.

    `customer_key` is who is billed, `called` how the source calls him; `body` is the entry as it was reported last
    before it was billed. A billed entry never changes: `later_version` is the newest one that contradicts it.
    """

    __tablename__ = "work_entries"
    __table_args__ = (
        UniqueConstraint("client", "source", "external_id"),
        Index("work_entries_by_state", "client", "state", "day"),
        Index("work_entries_by_job", "job_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(80))
    external_id: Mapped[str] = mapped_column(String(200))
    version: Mapped[str] = mapped_column(String(200))
    later_version: Mapped[str] = mapped_column(String(200))
    customer_key: Mapped[str]
    called: Mapped[str]
    day: Mapped[date]
    minutes: Mapped[int]
    is_billable: Mapped[bool]
    state: Mapped[str] = mapped_column(String(20))
    body: Mapped[Json]
    decided_by: Mapped[str] = mapped_column(String(200))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id"))
    seen_at: Mapped[datetime]
    changed_at: Mapped[datetime]
