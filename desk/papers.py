"""`preview` and `lint-templates`: how documents will look, and what is wrong with a client's templates."""

from dataclasses import replace
from pathlib import Path

from rich.markup import escape

from billing.einvoice_duty import Form
from billing.invoices import Invoice
from billing.leitweg import is_leitweg_id
from billing.parties import Customer
from config.client import seller_of, with_exceptions, xrechnung_for
from config.loading import LoadedClient
from desk.console import Exit, err, out, print_json
from documents.case import Case, print_subject
from documents.errors import DocumentError
from documents.gallery import pictures_of
from documents.lint import Finding, lint
from documents.look import Look
from documents.preview import UnknownKind, preview
from flows.looks import look_of, looks_of
from flows.wiring import House
from ledger import forms, invoices, overview
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
    With a customer a kind is about his latest invoice.
    """
    try:
        case = _case(house, kind, loaded, customer_number)
        paper = print_subject(case.subject, case.seller, case.look, case.form)
    except (DocumentError, UnknownKind) as error:
        err.print(escape(str(error)))
        return Exit.CONFIGURATION
    name = f"vorschau-{Path(paper.file_name).stem}"
    target = folder / f"{name}.pdf"
    folder.mkdir(parents=True, exist_ok=True)
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
    try:
        if loaded is None:
            return preview(kind)
        if customer_number is None:
            return preview(kind, seller_of(loaded.config), look_of(loaded))
        return _for_customer(house, kind, loaded, customer_number)
    except UnknownKind:
        with house.ledger.reading() as session:
            rows = invoices.find(session, kind, loaded.config.name if loaded else None)
        if len(rows) != 1 or rows[0].number is None:
            raise
        return _issued(house, rows[0])


def _for_customer(house: House, kind: str, loaded: LoadedClient, number: str) -> Case:
    """The kind about the customer's latest invoice; with made-up lines while he has none that is issued."""
    row = _latest(house, loaded, number)
    customer = with_exceptions(loaded.config, invoices.draft_of(row).customer)
    case = preview(kind, seller_of(loaded.config), _look(loaded, number), customer, _known(row, customer))
    return replace(case, form=_form(loaded, customer))


def _issued(house: House, row: InvoiceRow) -> Case:
    """An invoice of the ledger in the form it was given, to be printed as it would be today."""
    loaded = house.client(row.client)
    with house.ledger.reading() as session:
        decided = forms.of(session, row.id)
    customer = invoices.draft_of(row).customer
    about = f"Rechnung von {loaded.config.name}"
    form = Form(decided.form) if decided else _form(loaded, customer)
    look = _look(loaded, customer.number)
    return Case(row.marker, about, about, invoices.invoice_of(row), seller_of(loaded.config), form, look)


def _known(row: InvoiceRow, customer: Customer) -> Invoice | None:
    """The invoice with the customer as the client's file knows him today."""
    if row.number is None or row.due_date is None:
        return None
    issued = invoices.invoice_of(row)
    return replace(issued, draft=replace(issued.draft, customer=customer))


def _look(loaded: LoadedClient, number: str) -> Look:
    return looks_of(loaded).get(number) or look_of(loaded)


def _form(loaded: LoadedClient, customer: Customer) -> Form:
    is_public = is_leitweg_id(customer.buyer_reference)
    return xrechnung_for(loaded.config, customer.number) if is_public else Form.ZUGFERD


def _latest(house: House, loaded: LoadedClient, number: str) -> InvoiceRow:
    """The customer's latest invoice."""
    client = loaded.config.name
    with house.ledger.reading() as session:
        for marker in reversed(overview.markers(session, client)[-LOOKED_THROUGH:]):
            for row in invoices.find(session, marker, client):
                if invoices.draft_of(row).customer.number == number:
                    return row
    raise UnknownCustomer(number)


def _no_folder(folder: Path) -> Finding:
    return Finding(folder.name, 0, "folder", f"Der Vorlagenordner {folder} fehlt.")
