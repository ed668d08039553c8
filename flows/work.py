"""What every step of the chain works with: one client's connections, rules and memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from billing.dunning_policy import Policies, Policy
from billing.parties import Customer, Seller
from config.client import Client
from config.settings import Settings
from connectors.protocols import (
    AccountingSystem,
    BankSource,
    Courier,
    Filing,
    JobSource,
    Mailbox,
    PaymentSource,
    PdfSource,
    PostOffice,
    TaskBoard,
    TimeSource,
)
from documents.look import Look
from documents.mail import Sender
from documents.press_room import PressRoom
from documents.rules_check import SampledRules
from flows.clock import Clock
from flows.hooks import Hook
from ledger.archive import Archive
from ledger.database import Ledger
from ledger.invoices import customer_number
from ledger.spool import Spool
from ledger.tables import InvoiceRow
from ledger.witness import Witness


@dataclass(frozen=True, slots=True)
class Work:
    """One client at work. `owner` names this process in leases, `looks` are those of single customers by number."""

    client: str
    config: Client
    settings: Settings
    ledger: Ledger
    archive: Archive
    spool: Spool
    witness: Witness
    clock: Clock
    owner: str
    source: JobSource
    accounting: AccountingSystem
    payments: PaymentSource
    pdfs: PdfSource
    courier: Courier | None
    seller: Seller
    sender: Sender | None
    look: Look
    looks: Mapping[str, Look]
    rules: SampledRules
    press: PressRoom
    policies: Policies
    hooks: tuple[Hook, ...] = ()
    mailbox: Mailbox | None = None
    times: TimeSource | None = None
    operator_courier: Courier | None = None
    filing: Filing | None = None
    board: TaskBoard | None = None
    bank: BankSource | None = None
    post: PostOffice | None = None

    def look_for(self, customer: Customer) -> Look:
        """The look of a customer's documents: his own if the client set one, else that of all."""
        return self.looks.get(customer.number, self.look)

    def policy_for(self, invoice: InvoiceRow) -> Policy:
        """The dunning that holds for the customer of an invoice."""
        return self.policies.of(customer_number(invoice))

    @property
    def quiet(self) -> timedelta:
        """How long to wait after an unknown outcome before a search can mean anything."""
        return timedelta(seconds=self.settings.quiet_seconds)

    @property
    def lease(self) -> timedelta:
        """How long a claimed effect belongs to this process."""
        return timedelta(seconds=self.settings.lease_seconds)
