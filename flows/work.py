"""What every step of the chain works with: one client's connections, rules and memory."""

from dataclasses import dataclass
from datetime import timedelta

from billing.dunning_policy import Policy
from billing.parties import Seller
from config.client import Client
from config.settings import Settings
from connectors.protocols import AccountingSystem, Courier, JobSource, PaymentSource, PdfSource
from documents.look import Look
from documents.mail import Sender
from documents.rules_check import SampledRules
from flows.clock import Clock
from ledger.archive import Archive
from ledger.database import Ledger
from ledger.spool import Spool


@dataclass(frozen=True, slots=True)
class Work:
    """One client at work. `owner` names this process in leases."""

    client: str
    config: Client
    settings: Settings
    ledger: Ledger
    archive: Archive
    spool: Spool
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
    rules: SampledRules
    policy: Policy

    @property
    def quiet(self) -> timedelta:
        """How long to wait after an unknown outcome before a search can mean anything."""
        return timedelta(seconds=self.settings.quiet_seconds)

    @property
    def lease(self) -> timedelta:
        """How long a claimed effect belongs to this process."""
        return timedelta(seconds=self.settings.lease_seconds)
