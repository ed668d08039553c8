"""What the decision about a reminder rests on: facts only, each with its day, as they are stored with the decision."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from billing.parties import CustomerKind

NONE = Decimal("0.00")


class Arrival(StrEnum):
    """What is known about a document's way to the customer."""

    SENT = "sent"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    BOUNCED = "bounced"


# A reminder of unknown fate, or one that came back, is never repeated: the next level follows it in its time.
LEFT = (Arrival.SENT, Arrival.UNKNOWN, Arrival.BOUNCED)


@dataclass(frozen=True, slots=True)
class PastNotice:
    """A step already taken: its level counts from 1, `sent_on` is None until it has provably left.

    A letter that surely arrived has `received_on` and the end of the period it set, `pay_until`; both None for tasks.
    `fee` is what this letter itself charged, `lump_sum` the part of the 40 euro it demanded.
    """

    level: int
    arrival: Arrival
    sent_on: date | None
    received_on: date | None = None
    pay_until: date | None = None
    fee: Decimal = NONE
    lump_sum: Decimal = NONE


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money received on an invoice: by how much principal, costs and interest shrank on that day."""

    received_on: date
    principal: Decimal
    costs: Decimal = NONE
    interest: Decimal = NONE


@dataclass(frozen=True, slots=True)
class Promise:
    """The customer's word to pay `amount` by `due_on`, given when `open_then` was open."""

    amount: Decimal
    due_on: date
    open_then: Decimal
    said_by: str = ""

    def is_kept(self, open_amount: Decimal) -> bool:
        """Whether that much has been paid since."""
        return self.open_then - open_amount >= min(self.amount, self.open_then)


@dataclass(frozen=True, slots=True)
class Source:
    """Something that reports payments, and the last day of which it knows everything (None: nothing came yet)."""

    name: str
    complete_until: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the decision rests on. `open_amount` is None when the payment state could not be read.

    Amounts in euro. `block`, `dispute`, `contradiction`, `unconfirmed` (money that seems to be meant for it) and
    `written_off` are German reasons, empty if there is none; `is_tax_withheld`: just the 15 % of § 48 EStG are open;
    `is_collected`: we take the money ourselves, by direct debit;
    `disputed_amount` is None when all of the claim is disputed; `extended_until` is the longest extension ever granted;
    `received_on` the prudent day of receipt of the invoice; `due_agreed` whether its date was agreed in the contract;
    `note_printed` whether it carries the note of § 286 (3) BGB; `credits` what credit notes took off. The days named
    `…_on` at the end say when a fact came about or became known; None where that is not known.
    """

    number: str
    gross: Decimal
    due_date: date
    arrival: Arrival
    open_amount: Decimal | None
    is_voided: bool
    read_at: datetime | None
    notices: tuple[PastNotice, ...] = ()
    block: str = ""
    dispute: str = ""
    kind: CustomerKind = CustomerKind.CONSUMER
    received_on: date | None = None
    due_agreed: bool = False
    note_printed: bool = False
    receipts: tuple[Receipt, ...] = ()
    credits: Decimal = NONE
    sources: tuple[Source, ...] = ()
    contradiction: str = ""
    blocked_until: date | None = None
    disputed_amount: Decimal | None = None
    promises: tuple[Promise, ...] = ()
    extended_until: date | None = None
    written_off: str = ""
    unconfirmed: str = ""
    is_tax_withheld: bool = False
    is_collected: bool = False
    paid_on: date | None = None
    voided_on: date | None = None
    disputed_on: date | None = None
    extended_on: date | None = None
    written_off_on: date | None = None

    @property
    def payable_until(self) -> date:
        """The due date, or the end of an extension if that is later."""
        return max(self.due_date, self.extended_until or self.due_date)

    @property
    def demandable(self) -> Decimal:
        """What may be demanded: open, less credit notes and the disputed part; nothing while that is unknown."""
        if self.open_amount is None:
            return NONE
        rest = self.open_amount - self.credits
        if self.dispute:
            rest -= rest if self.disputed_amount is None else self.disputed_amount
        return max(rest, NONE)

    @property
    def broken_promises(self) -> tuple[Promise, ...]:
        """Promises of which not enough has been paid so far, whether or not their day has come."""
        return tuple(each for each in self.promises if not each.is_kept(self.open_amount or NONE))
