"""What the interface answers, for its description: amounts are text with a point, days and instants ISO 8601."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field

from billing.contracts import Agreed, Phase, Stage
from billing.parties import Customer
from billing.punctuality import Punctuality
from billing.sales import MonthSales
from desk.web.api_forms import Act
from ledger.board import Sum


class Said(BaseModel):
    """What follows from a decision, in a German sentence."""

    said: str


class Invoice(BaseModel):
    """An invoice with its state, since when, and the fact that made it so."""

    client: str
    marker: str = Field(description="Unser Zeichen, RB-…")
    number: str | None = Field(description="Rechnungsnummer; null, solange sie keine hat")
    customer: str
    issue_date: date
    due_date: date | None
    gross: Decimal
    open_amount: Decimal
    state: str = Field(description="offen, bezahlt, überfällig, …")
    since: date | None
    because: str
    marks: list[str] = Field(description="gehalten, fehlgeschlagen")
    level: int = Field(description="letzte Mahnstufe, 0 für keine")


class Invoices(BaseModel):
    """A page of invoices."""

    invoices: list[Invoice]
    after: str = Field(description="Wo die nächste Seite beginnt; leer am Ende")


class Reason(BaseModel):
    """Why something is held."""

    code: str
    message: str


class Entry(BaseModel):
    """What happened, from the journal."""

    at: datetime
    event: str
    text: str
    facts: dict[str, Any]


class Document(BaseModel):
    """An archived document; its bytes lie at `documents/{kind}`."""

    kind: str
    name: str
    media_type: str
    size: int
    sha256: str


class Paid(BaseModel):
    """The part of a payment that went to this invoice; negative where it was taken back."""

    received_on: date
    principal: Decimal
    by: str


class TaskBrief(BaseModel):
    """A task about this invoice."""

    id: int
    title: str
    closed_at: datetime | None


class InvoiceStory(Invoice):
    """An invoice with all that belongs to it."""

    stage: str
    problems: list[Reason]
    timeline: list[Entry]
    documents: list[Document]
    payments: list[Paid]
    tasks: list[TaskBrief]
    possible: list[Act] = Field(description="Was dieses Token jetzt tun darf und kann")


class CustomerLine(BaseModel):
    """A customer in a list."""

    client: str
    key: str = Field(description="Kundennummer, sonst der Name")
    name: str
    invoices: int
    open_amount: Decimal
    last_billed: date


class Customers(BaseModel):
    """A page of customers."""

    customers: list[CustomerLine]
    after: str


class Block(BaseModel):
    """A word that a customer is not dunned."""

    reason: str
    until: date | None
    by: str


class CustomerInvoice(BaseModel):
    """An invoice of a customer."""

    number: str
    issue_date: date
    due_date: date
    gross: Decimal
    open_amount: Decimal
    paid_on: date | None


class CustomerStory(BaseModel):
    """A customer with terms, habits and invoices; the amounts are what is open, overdue and a year's turnover."""

    client: str
    key: str
    contact: Customer
    days_until_due: int
    channel: str
    blocks: list[Block]
    punctuality: Punctuality
    open_amount: Decimal
    overdue: Decimal
    turnover: Decimal
    invoices: list[CustomerInvoice]


class Task(BaseModel):
    """Something a person has to do."""

    id: int
    client: str
    title: str
    body: str
    owner: str
    due_on: date | None
    created_at: datetime


class Tasks(BaseModel):
    """What is still to be done."""

    tasks: list[Task]


class Receivables(BaseModel):
    """Counts and sums by state."""

    today: date
    clients: list[str]
    receivables: list[Sum]


class Aged(BaseModel):
    """What is open at one age, in days since the due date."""

    name: str
    first: int | None
    last: int | None
    count: int
    amount: Decimal


class Ranked(BaseModel):
    """A customer in a ranking: paid invoices and the median of days."""

    client: str
    key: str
    name: str
    paid: int
    days: int | None


class Figures(BaseModel):
    """The figures of the analysis, with the method they were reckoned by."""

    clients: list[str]
    method: str
    today: date
    bills: int
    open_amount: Decimal
    days_outstanding: int | None
    simple_days_outstanding: int | None
    punctuality: Punctuality
    ages: list[Aged]
    months: list[MonthSales]
    fastest: list[Ranked]
    slowest: list[Ranked]


class Point(BaseModel):
    """One point of health; the sentence only for those who look after the installation."""

    name: str
    fine: bool
    text: str = ""


class Health(BaseModel):
    """Whether the installation can work."""

    fine: bool
    points: list[Point]


class Announced(BaseModel):
    """A customer as he was handed in."""

    client: str
    external_id: str


class Payment(BaseModel):
    """Money that waits to be assigned; `state` is proposed or open."""

    id: int
    client: str
    received_on: date
    amount: Decimal
    state: str
    counterparty: str
    purpose: str
    invoices: list[str] = Field(description="Rechnungsnummern des Vorschlags")
    reasons: list[str]


class Payments(BaseModel):
    """Money that nobody has assigned yet, oldest first."""

    payments: list[Payment]


class ContractLine(BaseModel):
    """A contract as it stands today."""

    client: str
    number: str
    customer: str = Field(description="Kundennummer, sonst der Name")
    name: str | None = Field(description="Name des Kunden; null, solange ihn niemand kennt")
    plan: str
    quantity: Decimal
    phase: Phase
    stand: str = Field(description="läuft, Probezeit bis …, endet am …")
    begins_on: date
    ends_on: date | None = Field(description="letzter Tag")
    billed_until: date | None
    next_on: date | None = Field(description="wann wieder etwas berechnet wird; null für nie")
    monthly: Decimal = Field(description="netto im Monat")


class Contracts(BaseModel):
    """A page of contracts."""

    contracts: list[ContractLine]
    after: str = Field(description="Wo die nächste Seite beginnt; leer am Ende")


class ContractBill(BaseModel):
    """What was billed at once; `job` is empty where it cost nothing, `invoice` null while it has no number."""

    first: date
    last: date
    net: Decimal
    job: str
    invoice: str | None
    marker: str | None
    is_voided: bool


class ContractStory(ContractLine):
    """A contract with all that was agreed and billed."""

    agreed: Agreed
    stages: list[Stage]
    owes_setup: bool
    earliest_end: date | None = Field(description="letzter Tag, wenn heute gekündigt wird; null, wenn er schon endet")
    bills: list[ContractBill]
    timeline: list[Entry] = Field(description="was geschah, das Neueste zuerst")
