"""Papers whose time is over: found, and taken out of the archive on a person's word, with an entry in the journal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from billing.calendar import berlin_day
from billing.retention import Keeping, kept_from, may_go
from ledger.archive import Archive
from ledger.database import Ledger
from ledger.journal import record
from ledger.overrides import Word
from ledger.tables import DocumentRow, InvoiceRow

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
