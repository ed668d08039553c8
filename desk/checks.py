"""`checks`: when which invoice is looked at next; the days stand in the ledger, not in Prefect."""

from desk.console import out, print_json, table
from ledger import payments
from ledger.database import Ledger


def show_checks(ledger: Ledger, names: list[str], as_json: bool) -> None:
    """All sent, open invoices by the day of their next payment check."""
    with ledger.reading() as session:
        rows = payments.to_be_checked(session, names)
    if as_json:
        print_json(
            [
                {
                    "client": row.client,
                    "number": row.number,
                    "customer": row.customer_name,
                    "due_date": row.due_date,
                    "check_on": row.check_on,
                    "open_amount": row.open_amount,
                }
                for row in rows
            ]
        )
        return
    table(
        "Nächste Zahlungsprüfungen",
        ("am", "Mandant", "Rechnung", "Kunde", "fällig", "offen"),
        [(row.check_on, row.client, row.number, row.customer_name, row.due_date, row.open_amount) for row in rows],
        figures=("offen",),
        cut=("Kunde",),
    )
    if not rows:
        out.print("Keine Rechnung steht zur Prüfung an.")
