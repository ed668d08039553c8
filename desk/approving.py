"""`approvals`, `approve`, `decline`: what waits for a person's yes."""

from datetime import datetime

from desk.console import german, out, print_json, table
from flows.wiring import House
from ledger import approvals, invoices
from ledger.database import Ledger
from ledger.overrides import NothingToDecide, Word
from ledger.tables import ApprovalRow, InvoiceRow


def show_approvals(ledger: Ledger, names: list[str], as_json: bool) -> None:
    """Everything that waits, oldest first."""
    with ledger.reading() as session:
        waiting = approvals.waiting(session, names)
    if as_json:
        print_json([_plain(row, invoice) for row, invoice in waiting])
        return
    table(
        "Wartet auf Freigabe",
        ("Mandant", "Vorgang", "Kunde", "brutto", "Warum", "wer", "seit", "erinnert"),
        [
            (row.client, invoice.marker, invoice.customer_name, invoice.gross, row.reason, row.approver)
            + (row.asked_at, row.reminded_at)
            for row, invoice in waiting
        ],
        figures=("brutto",),
        free=("Warum", "Kunde"),
    )
    if not waiting:
        out.print("Nichts wartet auf Freigabe.")


def decide(house: House, name: str, client: str | None, word: Word, now: datetime, *, granted: bool) -> str:
    """Approve or decline one draft, named by marker or job number. Raises `NothingToDecide`."""
    names = [client] if client else [loaded.config.name for loaded in house.clients]
    with house.ledger.writing() as session:
        row = _only(approvals.find(session, name, names), name)
        (approvals.approve if granted else approvals.decline)(session, row, word, now)
        row = invoices.get(session, row.id)
    what = f"Die Rechnung an {row.customer_name} über {german(row.gross)} EUR ({row.marker})"
    return f"{what} ist {'freigegeben und geht beim nächsten Durchlauf ihren Weg' if granted else 'abgelehnt'}."


def _only(found: list[InvoiceRow], name: str) -> InvoiceRow:
    if not found:
        raise NothingToDecide(f"Zu {name} hat nichts auf Freigabe gewartet. Was wartet: rechnungsbote approvals")
    if len(found) > 1:
        raise NothingToDecide(f"{name} gibt es mehrmals. Bitte --client oder das Zeichen RB-… angeben.")
    return found[0]


def _plain(row: ApprovalRow, invoice: InvoiceRow) -> dict[str, object]:
    return {
        "client": row.client,
        "marker": invoice.marker,
        "customer": invoice.customer_name,
        "gross": invoice.gross,
        "reason": row.reason,
        "approver": row.approver,
        "asked_at": row.asked_at,
        "reminded_at": row.reminded_at,
    }
