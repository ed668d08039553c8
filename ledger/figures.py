"""Bills for the analysis: one query over the narrow columns of all issued invoices, whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from billing.bills import Bill
from billing.calendar import berlin_day
from billing.punctuality import NOTHING
from ledger.tables import AllocationRow, InvoiceRow, PaymentRow


@dataclass(frozen=True, slots=True)
class Billed:
    """A bill with what people call it: the client, the invoice's number and the customer's name."""

    client: str
    marker: str
    number: str
    name: str
    bill: Bill


def bills(session: Session, clients: Sequence[str], customer_key: str | None = None) -> list[Billed]:
    """All issued invoices that are not cancelled, oldest first; of one customer if his key is given.

    Paid on: the day the money came in where the bank or a person told it, else the day on which the accounting system
    was first seen to know of it.
    """
    query = _bills().where(InvoiceRow.client.in_(clients))
    if customer_key is not None:
        query = query.where(InvoiceRow.customer_key == customer_key)
    return [_billed(row) for row in session.execute(query)]


def _bills() -> Select[Any]:
    row = InvoiceRow
    received = select(func.max(AllocationRow.received_on)).where(AllocationRow.invoice_id == row.id).scalar_subquery()
    # Only changes are kept, so the last entry without anything open is the moment from which it was paid.
    told = (
        select(func.max(PaymentRow.read_at))
        .where(PaymentRow.invoice_id == row.id, PaymentRow.open_amount <= NOTHING)
        .scalar_subquery()
    )
    return (
        select(
            row.client, row.marker, row.number, row.customer_name, row.customer_key, row.issue_date, row.due_date,
            row.net, row.gross, row.open_amount, received, told,
        )
        .where(row.number.is_not(None), row.is_voided.is_(False))
        .order_by(row.issue_date, row.id)
    )  # fmt: skip


def _billed(row: Any) -> Billed:
    client, marker, number, name, key, issue_date, due_date, net, gross, open_amount, received_on, told_at = row
    bill = Bill(
        customer=key,
        issue_date=issue_date,
        due_date=due_date or issue_date,
        net=net,
        gross=-gross if net < 0 < gross else gross,
        open_amount=open_amount,
        paid_on=_paid_on(received_on, told_at) if open_amount <= 0 else None,
    )
    return Billed(client, marker, number, name, bill)


def _paid_on(received_on: date | None, told_at: datetime | None) -> date | None:
    return received_on or (berlin_day(told_at) if told_at else None)
