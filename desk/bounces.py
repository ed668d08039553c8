"""`bounce`: mails and letters that came back, and what people decide about them."""

import typer
from rich.markup import escape

from billing.drafting import is_plain_mail_address
from billing.dunning import first_check
from config.client import policies_of
from desk import deciding, looking
from desk.console import Exit, err, out, print_json, table
from desk.opening import AsJson, By, ClientName, Number, Reason, opened, opened_for, word
from flows.clock import Clock
from flows.wiring import House
from ledger import bounces, invoices, letters
from ledger.tables import InvoiceRow

app = typer.Typer(help="Zurückgekommene Mails und Briefe.", no_args_is_help=True)


@app.command("list")
def show(client: ClientName = None, as_json: AsJson = False) -> None:
    """Listet Mails und Briefe, die nicht ankamen und noch keinen anderen Weg gefunden haben."""
    with opened_for(client) as (house, clients):
        names = [loaded.config.name for loaded in clients]
        with house.ledger.reading() as session:
            found = [(row, invoices.get(session, row.invoice_id)) for row in bounces.open_ones(session, names)]
        rows = [
            {
                "client": bounce.client,
                "number": invoice.number,
                "customer": invoice.customer_name,
                "recipient": bounce.recipient,
                "status": bounce.status,
                "diagnostic": bounce.diagnostic,
                "bounced_at": bounce.bounced_at,
                "forward_to": bounce.forward_to,
            }
            for bounce, invoice in found
        ]
        if as_json:
            print_json({"bounces": rows})
            return
        columns = ("Mandant", "Rechnung", "Kunde", "Adresse", "Status", "Diagnose", "seit", "weiter an")
        table("Unzustellbar", columns, [tuple(row.values()) for row in rows], free=("Diagnose",), cut=("Kunde",))
        out.print(f"{len(rows)} offen.")


@app.command()
def forward(number: Number, address: str, reason: Reason, by: By = None, client: ClientName = None) -> None:
    """Nennt eine andere Adresse; der nächste Durchlauf schickt dieselben Belege dorthin, auch spätere Erinnerungen."""
    if not is_plain_mail_address(address):
        err.print(escape(f"{address!r} ist keine einzelne, gewöhnliche Mailadresse."))
        raise typer.Exit(Exit.CONFIGURATION)
    with opened() as house:
        invoice = _invoice(house, number, client)
        with house.ledger.writing() as session:
            row = invoices.get(session, invoice.id)
            bounces.forward(session, row, address, word(reason, by), Clock().now())
        out.print(escape(f"Rechnung {row.number} geht beim nächsten Durchlauf an {address}."))


@app.command()
def letter(number: Number, reason: Reason, by: By = None, client: ClientName = None) -> None:
    """Meldet: die Post hat einen Brief zurückgebracht; gemahnt wird erst, wenn ein anderer Weg gefunden ist."""
    with opened() as house:
        invoice = _invoice(house, number, client)
        said = deciding.letter_returned(house.ledger, invoice.id, word(reason, by), Clock().now())
        out.print(escape(said))


@app.command()
def arrived(number: Number, reason: Reason, by: By = None, client: ClientName = None) -> None:
    """Entscheidet: der Kunde hat die Rechnung auf anderem Weg bekommen; von heute an läuft die Zeit."""
    with opened() as house:
        invoice = _invoice(house, number, client)
        config, now = house.client(invoice.client).config, Clock().now()
        with house.ledger.writing() as session:
            bounce = bounces.arrived(session, invoices.get(session, invoice.id), word(reason, by), now)
            rows = letters.invoices_of(session, bounce.effect_id, bounce.invoice_id)
            for row in rows:
                policy = policies_of(config).of(invoices.customer_number(row))
                invoices.sent(session, row.id, first_check(row.due_date or row.issue_date, policy), now)
            names = " und ".join(str(row.number) for row in rows)
        out.print(escape(f"Rechnung {names} gilt als angekommen."))


def _invoice(house: House, number: str, client: str | None) -> InvoiceRow:
    with house.ledger.reading() as session:
        found = looking.find_invoice(session, number, client)
    if len(found) == 1:
        return found[0]
    names = ", ".join(row.client for row in found)
    text = f"{number} gibt es bei mehreren Mandanten ({names}). Bitte --client angeben."
    err.print(escape(text if found else f"Eine Rechnung {number} kennt das Hauptbuch nicht."))
    raise typer.Exit(Exit.CONFIGURATION)
