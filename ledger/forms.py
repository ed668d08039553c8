"""Which e-invoice form an invoice was given, whether the law demanded it, and by which row of the table."""

from datetime import datetime

from sqlalchemy.orm import Session

from billing.einvoice_duty import Duty
from ledger.journal import record
from ledger.tables import FormRow, InvoiceRow


def decide(session: Session, row: InvoiceRow, due: Duty, now: datetime) -> None:
    """Note the form that was due, in the caller's transaction."""
    session.add(
        FormRow(
            invoice_id=row.id,
            client=row.client,
            form=due.form,
            is_compulsory=due.is_compulsory,
            table_row=due.row,
            reason=due.reason,
            decided_at=now,
        )
    )
    record(session, now, row.client, "form decided", row.id, form=due.form, reason=f"Zeile {due.row}: {due.reason}")


def is_compulsory(session: Session, invoice_id: int) -> bool:
    """Whether the law demanded an e-invoice of this invoice."""
    row = of(session, invoice_id)
    return row is not None and row.is_compulsory


def of(session: Session, invoice_id: int) -> FormRow | None:
    """The form of an invoice; None before its documents are made, or when they were made before forms were kept."""
    return session.get(FormRow, invoice_id)
