"""A client's customers: everybody who was ever billed, and those whom other programs have announced."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Select, case, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from billing.dunning_facts import NONE
from billing.parties import Customer
from ledger import jobs
from ledger.bodies import CUSTOMER, pack
from ledger.invoices import draft_of, refused
from ledger.journal import record
from ledger.tables import CustomerRow, InvoiceRow, JobRow

Place = tuple[str, str, str]
"""Name, client and key of the last customer on a page."""

PUSHED = "api:"
"""The source of what other programs hand in; no connection of a client's file can have this name."""


@dataclass(frozen=True, slots=True)
class Known:
    """One customer in a list: his key, his latest name, his invoices and what is open on them."""

    client: str
    key: str
    name: str
    invoices: int
    open_amount: Decimal
    last_billed: date

    @property
    def place(self) -> Place:
        """Where the next page goes on."""
        return self.name, self.client, self.key


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A job of another program: `state` is ready, held (with `problems`) or taken, then with its invoice."""

    client: str
    external_id: str
    number: str
    state: str
    problems: list[str]
    marker: str | None
    invoice: str | None


def contact(session: Session, client: str, key: str) -> Customer | None:
    """The customer as the newest invoice knows him, without any as another program announced him."""
    query = select(InvoiceRow).where(InvoiceRow.client == client, InvoiceRow.customer_key == key)
    row = session.scalar(query.order_by(InvoiceRow.id.desc()).limit(1))
    if row is not None:
        return draft_of(row).customer
    return announced_as(session, client, key)


def announced_as(session: Session, client: str, key: str) -> Customer | None:
    """The customer whom another program announced with this number or, without one, under this name."""
    query = select(CustomerRow).where(
        CustomerRow.client == client, CustomerRow.source == PUSHED, CustomerRow.key == key
    )
    row = session.scalar(query.order_by(CustomerRow.seen_at.desc()).limit(1))
    return customer_of(row) if row else None


def search(session: Session, clients: Sequence[str], text: str, limit: int, after: Place | None = None) -> list[Known]:
    """Billed customers by name from behind `after`; the text is a part of a name or number."""
    row, name = InvoiceRow, func.max(InvoiceRow.customer_name)
    owed = case((row.number.is_not(None) & row.is_voided.is_(False), row.open_amount), else_=NONE)
    query = (
        select(
            row.client, row.customer_key, name, func.count(), func.sum(owed, type_=row.open_amount.type),
            func.max(row.issue_date),
        )
        .where(row.client.in_(clients))
        .group_by(row.client, row.customer_key)
        .order_by(name, row.client, row.customer_key)
        .limit(limit)
    )  # fmt: skip
    if text:
        part = part_of(text)
        query = query.where(or_(row.customer_key.ilike(part, escape="\\"), row.customer_name.ilike(part, escape="\\")))
    if after:
        query = query.having(tuple_(name, row.client, row.customer_key) > tuple_(*map(literal, after)))
    return [Known(*found) for found in session.execute(query)]


def announced(session: Session, client: str, external_id: str) -> CustomerRow | None:
    """The customer whom another program announced under its own id."""
    query = select(CustomerRow).where(
        CustomerRow.client == client, CustomerRow.source == PUSHED, CustomerRow.external_id == external_id
    )
    return session.scalar(query)


def announce(session: Session, client: str, external_id: str, customer: Customer, now: datetime) -> bool:
    """Keep a customer as another program knows him; True when he is new."""
    _, is_new = jobs.keep_customer(session, client, PUSHED, external_id, customer, now)
    record(session, now, client, "customer received", external_id=external_id)
    return is_new


def announce_all(session: Session, client: str, customers: Mapping[str, Customer], now: datetime) -> None:
    """Keep customers whom nobody has announced, by the ids they are called by, in few statements."""
    for external_id, customer in customers.items():
        facts = {"name": customer.name, "key": customer.key, "snapshot": pack(CUSTOMER, customer), "seen_at": now}
        session.add(CustomerRow(client=client, source=PUSHED, external_id=external_id, **facts))
        record(session, now, client, "customer received", external_id=external_id)


def customer_of(row: CustomerRow) -> Customer:
    """The customer as he was announced."""
    return CUSTOMER.validate_python(row.snapshot)


def key_of(session: Session, client: str, called: str, aliases: Mapping[str, str]) -> str:
    """Under which key a customer is billed whom a source or a person calls so."""
    name = aliases.get(called, called)
    row = announced(session, client, name)
    return customer_of(row).key if row else name


def keys_of(session: Session, client: str, called: Collection[str]) -> Mapping[str, str]:
    """`key_of` without aliases for many in one query."""
    query = select(CustomerRow.external_id, CustomerRow.key).where(
        CustomerRow.client == client, CustomerRow.source == PUSHED, CustomerRow.external_id.in_(called)
    )
    return {name: name for name in called} | dict(session.execute(query).tuples().all())


def recipient(session: Session, client: str, key: str) -> Customer | None:
    """Who is billed under a key: as another program announced him, else as his newest invoice knows him."""
    return announced_as(session, client, key) or contact(session, client, key)


def recipients(session: Session, client: str, keys: Collection[str]) -> Mapping[str, Customer]:
    """`recipient` for many keys in two queries; unknown ones are left out."""
    billed = session.scalars(select(InvoiceRow).where(InvoiceRow.id.in_(_newest(client, keys))))
    found = {row.customer_key: draft_of(row).customer for row in billed}
    query = select(CustomerRow).where(
        CustomerRow.client == client, CustomerRow.source == PUSHED, CustomerRow.key.in_(keys)
    )
    return found | {row.key: customer_of(row) for row in session.scalars(query.order_by(CustomerRow.seen_at))}


def names(session: Session, client: str, keys: Collection[str]) -> Mapping[str, str]:
    """What the customers of these keys are called, as `recipient` says, in two queries; unknown ones are left out."""
    newest = _newest(client, keys)
    billed = select(InvoiceRow.customer_key, InvoiceRow.customer_name).where(InvoiceRow.id.in_(newest))
    announced = select(CustomerRow.key, CustomerRow.name).where(
        CustomerRow.client == client, CustomerRow.source == PUSHED, CustomerRow.key.in_(keys)
    )
    found = dict(session.execute(billed).tuples().all())
    return found | dict(session.execute(announced.order_by(CustomerRow.seen_at)).tuples().all())


def job(session: Session, client: str, external_id: str) -> HandedIn | None:
    """A job that another program handed in, and what has become of it."""
    query = (
        select(JobRow, InvoiceRow)
        .outerjoin(InvoiceRow, InvoiceRow.job_id == JobRow.id)
        .where(JobRow.client == client, JobRow.source == PUSHED, JobRow.external_id == external_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    row, invoice = found
    return HandedIn(
        client=client,
        external_id=external_id.removeprefix(PUSHED),
        number=row.number,
        state=row.state,
        problems=[problem["message"] for problem in (invoice.problems if invoice else row.problems)],
        marker=invoice.marker if invoice else None,
        invoice=invoice.number if invoice else None,
    )


def is_refused(session: Session, client: str, external_id: str) -> bool:
    """Whether the job's invoice was refused by the accounting system, so that mending the job mends it."""
    query = select(InvoiceRow.id).join(JobRow, JobRow.id == InvoiceRow.job_id)
    invoice_id = session.scalar(query.where(JobRow.client == client, JobRow.external_id == external_id))
    return invoice_id in refused(session, client)


def part_of(text: str) -> str:
    """The pattern for texts that contain this one; its escape is the backslash."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _newest(client: str, keys: Collection[str]) -> Select[tuple[int]]:
    query = select(func.max(InvoiceRow.id)).where(InvoiceRow.client == client, InvoiceRow.customer_key.in_(keys))
    return query.group_by(InvoiceRow.customer_key)
