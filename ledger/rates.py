"""Base rates that were announced after this program was written, taken in by a person; none is ever changed."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from billing.base_rates import BaseRate
from ledger.base import Base
from ledger.journal import record
from ledger.overrides import Word


class BaseRateRow(Base):
    """One announcement. `percent` is text, since rates have no cents; the last one for a half-year counts."""

    __tablename__ = "base_rates"

    id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[date]
    percent: Mapped[str] = mapped_column(String(10))
    source: Mapped[str]
    added_by: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime]


def further(session: Session) -> tuple[BaseRate, ...]:
    """The rates taken in, by half-year."""
    rows = session.scalars(select(BaseRateRow).order_by(BaseRateRow.id))
    found = {row.valid_from: BaseRate(row.valid_from, Decimal(row.percent), row.source) for row in rows}
    return tuple(found[day] for day in sorted(found))


def add(session: Session, rates: Sequence[BaseRate], word: Word, now: datetime) -> None:
    """Take in rates; they hold for every client."""
    for rate in rates:
        session.add(
            BaseRateRow(
                valid_from=rate.valid_from,
                percent=str(rate.percent),
                source=rate.source,
                added_by=word.by,
                added_at=now,
            )
        )
        facts = {"from": rate.valid_from.isoformat(), "percent": str(rate.percent), "source": rate.source}
        record(session, now, "", "base rate added", None, by=word.by, **facts)
