"""Papers and contracts whose time is over: found, and forgotten on a person's word, with an entry in the journal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from billing.calendar import berlin_day
from billing.retention import Keeping, kept_from, may_go
from ledger.archive import Archive
from ledger.contract_tables import ContractBillRow, ContractRow
from ledger.database import Ledger
from ledger.journal import record
from ledger.overrides import Word
from ledger.tables import DocumentRow, InvoiceRow

FORGOTTEN = ""
"""The customer of a contract that nobody need know any longer."""
VOUCHERS = ("invoice-pdf", "invoice-xml")
"""The documents that are vouchers; mails and reminders are business letters."""


@dataclass(frozen=True, slots=True)
class Expired:
    """A paper that need not be kept any longer."""

    client: str
    number: str
    document_id: int
    kind: str
    written_on: date
    keeping: Keeping


def expired(session: Session, today: date) -> Iterator[Expired]:
    """The papers of settled invoices whose time is over, oldest first. Open claims keep all of theirs."""
    query = (
        select(DocumentRow, InvoiceRow)
        .join(InvoiceRow, InvoiceRow.id == DocumentRow.invoice_id)
        .where(InvoiceRow.issue_date < kept_from(today))
        .where(or_(InvoiceRow.open_amount <= Decimal(0), InvoiceRow.is_voided))
        .order_by(DocumentRow.id)
    )
    for document, invoice in session.execute(query).tuples():
        keeping = Keeping.VOUCHER if document.kind in VOUCHERS else Keeping.LETTER
        written_on = max(invoice.issue_date, berlin_day(document.created_at))
        if may_go(written_on, keeping, today):
            name = invoice.number or invoice.marker
            yield Expired(document.client, name, document.id, document.kind, written_on, keeping)


@dataclass(frozen=True, slots=True)
class ExpiredContract:
    """A contract whose customer need not be known any longer."""

    client: str
    number: str
    contract_id: int
    ended_on: date


def expired_contracts(session: Session, today: date) -> list[ExpiredContract]:
    """Contracts that ended so long ago that their vouchers may go, by number. Open claims keep theirs."""
    is_open = (
        select(InvoiceRow.id)
        .join(ContractBillRow, ContractBillRow.job_id == InvoiceRow.job_id)
        .where(ContractBillRow.contract_id == ContractRow.id)
        .where(InvoiceRow.open_amount > Decimal(0), InvoiceRow.is_voided.is_(False))
    )
    query = (
        select(ContractRow)
        .where(ContractRow.ends_on < kept_from(today), ContractRow.next_on.is_(None), ~is_open.exists())
        .where(ContractRow.customer_key != FORGOTTEN)
        .order_by(ContractRow.client, ContractRow.number)
    )
    return [
        ExpiredContract(row.client, row.number, row.id, row.ends_on)
        for row in session.scalars(query)
        if row.ends_on and may_go(max(row.ends_on, row.billed_until or row.ends_on), Keeping.VOUCHER, today)
    ]


def forget(ledger: Ledger, found: Iterable[ExpiredContract], word: Word, now: datetime) -> int:
    """Forget whose contracts these were; how many. Their numbers stay, so that no bill of theirs is counted anew."""
    number = 0
    for each in found:
        with ledger.writing() as session:
            row = session.get_one(ContractRow, each.contract_id)
            if row.customer_key == FORGOTTEN:
                continue
            row.customer_key, row.changed_at = FORGOTTEN, now
            record(session, now, each.client, "contract purged", contract=each.number, by=word.by, reason=word.reason)
        number += 1
    return number


def purge(ledger: Ledger, archive: Archive, papers: Iterable[Expired], word: Word, now: datetime) -> int:
    """Take these papers out of ledger and archive, one by one; how many. The journal keeps what and who, no content.

    The row goes first: a crash in between leaves bytes that nobody names, never a name without its bytes.
    """
    number = 0
    for paper in papers:
        with ledger.writing() as session:
            row = session.get(DocumentRow, paper.document_id)
            if row is None:
                continue
            sha256, invoice_id = row.sha256, row.invoice_id
            session.delete(row)
            session.flush()
            others = session.scalar(select(func.count()).where(DocumentRow.sha256 == sha256))
            facts = {"kind": paper.kind, "sha256": sha256, "by": word.by, "reason": word.reason}
            record(session, now, paper.client, "document purged", invoice_id, **facts)
        if not others:
            archive.discard(sha256)
        number += 1
    return number
