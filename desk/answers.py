"""`accept`: what a customer's answer proposes becomes a block, promise, dispute or extension by a person's word."""

from rich.markup import escape

from desk.console import german, out
from desk.levers import SAID
from desk.opening import Amount, By, Identity, Reason, Until, opened, word
from flows.clock import Clock
from ledger import invoices, proposals
from ledger.levers import Kind


def accept(
    task: Identity,
    reason: Reason = "Antwort des Kunden",
    amount: Amount = None,
    until: Until = None,
    by: By = None,
) -> None:
    """Nimmt an, was die Antwort eines Kunden vorschlägt: Zusage, Streit, Stundung oder Sperre. Ablehnen: done."""
    with opened() as house, house.ledger.writing() as session:
        day = until.date() if until else None
        lever = proposals.accept(session, task, word(reason, by), Clock().now(), amount, day)
        row = invoices.get(session, lever.invoice_id or 0)
        end = f" (bis {german(lever.until)})" if lever.until else ""
        out.print(escape(f"Rechnung {row.number} {SAID[Kind(lever.kind)]}{end}."))
