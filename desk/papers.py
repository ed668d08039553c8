"""`preview` and `lint-templates`: how documents will look, and what is wrong with a client's templates."""

from pathlib import Path

from rich.markup import escape

from billing.parties import Customer
from config.client import seller_of
from config.loading import LoadedClient
from desk.console import Exit, err, out, print_json
from documents.case import Case, print_subject
from documents.errors import DocumentError
from documents.gallery import pictures_of
from documents.lint import Finding, lint
from documents.preview import UnknownKind, preview
from flows.wiring import House, look_of
from ledger import invoices, overview
from ledger.tables import InvoiceRow

LOOKED_THROUGH = 2_000
"""So many of a client's latest invoices are searched for a customer's number."""


class UnknownCustomer(DocumentError):
    """No invoice of the client has a customer of that number."""

    def __init__(self, number: str) -> None:
        super().__init__(f"Einen Kunden mit der Nummer {number} kennt das Hauptbuch nicht.")


def show_preview(
    house: House, kind: str, loaded: LoadedClient | None, customer_number: str | None, folder: Path, *, png: bool
) -> Exit:
    """Write the preview as PDF, and as pictures on demand, and say where it is.

    `kind` is a kind of document or the number of an issued invoice, which is then printed anew with today's templates.
    """
    try:
        case = _case(house, kind, loaded, customer_number)
        paper = print_subject(case.subject, case.seller, case.look, case.form)
    except (DocumentError, UnknownKind) as error:
        err.print(escape(str(error)))
        return Exit.CONFIGURATION
    name = f"vorschau-{Path(paper.file_name).stem}"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.pdf"
    target.write_bytes(paper.pdf)
    written = [target, *(pictures_of(paper.pdf, folder, name) if png else ())]
    if png and len(written) == 1:
        err.print("Für Bilder wird pdftoppm gebraucht (Paket poppler-utils).")
    for path in written:
        out.print(escape(str(path)))
    return Exit.FINE


def lint_templates(clients: list[LoadedClient], as_json: bool) -> Exit:
    """Judge the central templates and those of every client."""
    found: dict[str, tuple[Finding, ...]] = {"zentral": lint()}
    for loaded in clients:
        folder = look_of(loaded).templates
        if folder is not None:
            found[loaded.config.name] = lint(folder) if folder.is_dir() else (_no_folder(folder),)
    count = sum(map(len, found.values()))
    if as_json:
        print_json(found)
    else:
        for whose, findings in found.items():
            for finding in findings:
                err.print(escape(f"{whose}: {finding}"))
        verdict = f"{count} Mängel" if count else "alles in Ordnung"
        out.print(escape(f"Vorlagen: {', '.join(found)}. Prüfung: {verdict}."))
    return Exit.CONFIGURATION if count else Exit.FINE


def _case(house: House, kind: str, loaded: LoadedClient | None, customer_number: str | None) -> Case:
    seller, look = (seller_of(loaded.config), look_of(loaded)) if loaded else (None, None)
    customer = _customer(house, loaded, customer_number) if loaded and customer_number else None
    try:
        return preview(kind, seller, look, customer)
    except UnknownKind:
        with house.ledger.reading() as session:
            rows = invoices.find(session, kind, loaded.config.name if loaded else None)
        if len(rows) != 1 or rows[0].number is None:
            raise
        return _issued(rows[0], house.client(rows[0].client))


def _issued(row: InvoiceRow, loaded: LoadedClient) -> Case:
    """An invoice of the ledger, to be printed as it would be today."""
    about = f"Rechnung von {loaded.config.name}"
    return Case(row.marker, about, about, invoices.invoice_of(row), seller_of(loaded.config), look=look_of(loaded))


def _customer(house: House, loaded: LoadedClient, number: str) -> Customer:
    """The customer as his latest invoice knows him."""
    client = loaded.config.name
    with house.ledger.reading() as session:
        for marker in reversed(overview.markers(session, client)[-LOOKED_THROUGH:]):
            for row in invoices.find(session, marker, client):
                customer = invoices.draft_of(row).customer
                if customer.number == number:
                    return customer
    raise UnknownCustomer(number)


def _no_folder(folder: Path) -> Finding:
    return Finding(folder.name, 0, "folder", f"Der Vorlagenordner {folder} fehlt.")
