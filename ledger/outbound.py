"""Outbound: the invoices that are still on their way out of the house, and what stands in the way of each."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger import approvals, overrides
from ledger.effects import Kind, State
from ledger.invoices import DRAFTED, FILED, ISSUED
from ledger.tables import EffectRow, InvoiceRow

STEPS = {DRAFTED: "wird angelegt", ISSUED: "wird gestaltet", FILED: "wird gesendet"}


@dataclass(frozen=True, slots=True)
class Outbound:
    """An invoice before it has left: its next step, or in German why it stays (`obstacle`, empty if nothing does)."""

    marker: str
    number: str | None
    customer: str
    gross: Decimal
    step: str
    obstacle: str


def waiting(session: Session, client: str, day: date) -> list[Outbound]:
    """All that has not left, oldest first."""
    query = select(InvoiceRow).where(InvoiceRow.client == client, InvoiceRow.stage.in_(tuple(STEPS)))
    asked = {invoice.id for _, invoice in approvals.waiting(session, (client,))}
    return [
        Outbound(
            row.marker, row.number, row.customer_name, row.gross, STEPS[row.stage], _obstacle(session, row, day, asked)
        )
        for row in session.scalars(query.order_by(InvoiceRow.id)).all()
        if not _was_dropped(session, row)
    ]


def _obstacle(session: Session, row: InvoiceRow, day: date, asked: set[int]) -> str:
    hold = overrides.held(session, row.id, day)
    if hold:
        return f"angehalten: {hold.reason}"
    if row.id in asked:
        return "wartet auf Freigabe"
    if row.problems:
        return " ".join(str(problem["message"]) for problem in row.problems)
    return "braucht eine Entscheidung" if _states(session, row) & {State.REFUSED, State.UNKNOWN} else ""


def _was_dropped(session: Session, row: InvoiceRow) -> bool:
    """Whether nobody wants it any more: its creation was cancelled."""
    query = select(EffectRow.state).where(EffectRow.invoice_id == row.id, EffectRow.kind == Kind.CREATE_INVOICE)
    return session.scalar(query) == State.CANCELLED


def _states(session: Session, row: InvoiceRow) -> set[str]:
    return set(session.scalars(select(EffectRow.state).where(EffectRow.invoice_id == row.id)))
