"""`purge`: papers that need not be kept any longer are listed, and deleted on a person's word."""

from datetime import date, datetime

from rich.markup import escape

from desk.console import Exit, out, print_json, table
from flows.wiring import House
from ledger import retention
from ledger.overrides import Word


def purge(house: House, today: date, now: datetime, word: Word | None, as_json: bool) -> Exit:
    """List what has expired on `today`; with a word, delete it as well."""
    with house.ledger.reading() as session:
        found = list(retention.expired(session, today))
    deleted = retention.purge(house.ledger, house.archive, found, word, now) if word else 0
    if as_json:
        print_json({"expired": found, "deleted": deleted})
        return Exit.FINE
    table(
        "Belege, deren Aufbewahrungsfrist um ist",
        ("Mandant", "Rechnung", "Beleg", "vom", "Art"),
        [(each.client, each.number, each.kind, each.written_on, str(each.keeping)) for each in found],
    )
    if word:
        out.print(f"Gelöscht: {deleted} Belege; das Journal nennt jeden.")
    elif found:
        out.print(escape(f"{len(found)} Belege. Löschen:  rechnungsbote purge --delete --reason …"))
    else:
        out.print("Keine Aufbewahrungsfrist ist um.")
    return Exit.FINE
