"""The tables of contracts and of what was billed on them."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.base import Base, Json


class ContractRow(Base):
    """One contract. `body` holds its stages and what was agreed; the columns say how far it is billed.

    `next_on` is the day on which something is to be billed next, without the client's days before it; None for never.
    """

    __tablename__ = "contracts"
    __table_args__ = (
        UniqueConstraint("client", "number"),
        Index("contracts_by_day", "client", "next_on"),
        Index("contracts_by_customer", "client", "customer_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(80))
    customer_key: Mapped[str]
    body: Mapped[Json]
    begins_on: Mapped[date]
    ends_on: Mapped[date | None]
    billed_until: Mapped[date | None]
    owes_setup: Mapped[bool]
    next_on: Mapped[date | None]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ContractEntryRow(Base):
    """An entry of the journal about a contract: the journal itself is not searched by contracts."""

    __tablename__ = "contract_entries"
    __table_args__ = (Index("contract_entries_by_contract", "contract_id"),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("journal.id"), primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))


class ContractBillRow(Base):
    """The bill of that count of a contract: the days it is for and the job it became; None where it cost nothing.

    `is_supplement`: it bills a change on days that were billed before. `settled_setup`: the set-up fee is no longer
    owed since this bill.
    """

    __tablename__ = "contract_bills"
    __table_args__ = (UniqueConstraint("contract_id", "count"), Index("contract_bills_by_job", "job_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    count: Mapped[int]
    first_on: Mapped[date]
    last_on: Mapped[date]
    net: Mapped[Decimal]
    is_supplement: Mapped[bool]
    settled_setup: Mapped[bool]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id"))
    made_at: Mapped[datetime]
