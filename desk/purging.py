"""`purge`: papers, and customers of contracts, that need not be kept any longer are listed; with a word, deleted."""

from datetime import date, datetime

from rich.markup import escape

from desk import words
from desk.console import Exit, out, print_json, table
from flows.wiring import House
from ledger import retention
from ledger.overrides import Word


def purge(house: House, today: date, now: datetime, word: Word | None, as_json: bool) -> Exit:
    """List what has expired on `today`; with a word, delete it as well."""
    with house.ledger.reading() as session:
        found, ended = list(retention.expired(session, today)), retention.expired_contracts(session, today)
    deleted = retention.purge(house.ledger, house.archive, found, word, now) if word else 0
    forgotten = retention.forget(house.ledger, ended, word, now) if word else 0
    if as_json:
        print_json({"expired": found, "deleted": deleted, "contracts": ended, "forgotten": forgotten})
        return Exit.FINE
    table(
        "Belege, deren Aufbewahrungsfrist um ist",
        ("Mandant", "Rechnung", "Beleg", "vom", "Art"),
        [(each.client, each.number, words.paper(each.kind), each.written_on, str(each.keeping)) for each in found],
    )
    table(
        "Verträge, deren Kunde nicht mehr bekannt sein muss",
        ("Mandant", "Vertrag", "beendet"),
        [(each.client, each.number, each.ended_on) for each in ended],
    )
    if word:
        out.print(f"Gelöscht: {deleted} Belege, die Kunden von {forgotten} Verträgen; das Journal nennt jeden.")
    elif found or ended:
        out.print(
            escape(f"{len(found)} Belege, {len(ended)} Verträge. Löschen:  rechnungsbote purge --delete --reason …")
        )
    else:
        out.print("Keine Aufbewahrungsfrist ist um.")
    return Exit.FINE
