"""The invoice on paper: one PDF/A-3b that people read and whose XML their accounting reads."""

import re
from dataclasses import dataclass
from decimal import Decimal

from lxml import etree, html

from billing.invoices import Invoice
from billing.parties import Seller
from documents import german
from documents.cii import NAMESPACES
from documents.einvoice import invoice_xml
from documents.errors import DeviatingPaper
from documents.fonts import check_glyphs
from documents.german import one_line
from documents.languages import LANGUAGES
from documents.look import Look
from documents.pdf import press, print_pdf
from documents.templates import templates
from documents.view import invoice_view

_NAME_CHARACTERS = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_NAME = 60
_SKIPPED = frozenset({"style", "script", "title", "head"})


@dataclass(frozen=True, slots=True)
class Paper:
    """A finished document: `pdf` holds `xml` as attachment; `template_version` names the files it was made with."""

    pdf: bytes
    xml: bytes
    template_version: str
    file_name: str


def invoice_paper(invoice: Invoice, seller: Seller, look: Look) -> Paper:
    """Print an invoice. The same arguments and template files give the same bytes.

    Raises a `DocumentError`: `MissingGlyph`, `InvalidEInvoice`, `DeviatingPaper`, `UnusableLook`, `ForbiddenAsset`,
    `TooManyPages`; then nothing may be sent.
    """
    xml, text = invoice_xml_and_html(invoice, seller, look)
    pdf = print_pdf(text, xml, look, invoice.draft.issue_date)
    return Paper(pdf, xml, templates(look).version, file_name(invoice.number))


def invoice_xml_and_html(invoice: Invoice, seller: Seller, look: Look) -> tuple[bytes, str]:
    """The two forms of the invoice before layout, both checked, and checked against each other."""
    view = invoice_view(invoice, seller, look.footer, look.closing, LANGUAGES[look.language])
    check_glyphs(view)
    xml = invoice_xml(invoice, seller)
    text = templates(look).write(
        "invoice.html.j2",
        invoice=view,
        seller=view.seller,
        recipient=view.recipient,
        footer=view.footer,
        is_crowded=False,
        language=look.language,
        logo=press(look).logo,
        created=invoice.draft.issue_date.isoformat(),
    )
    check_same_facts(xml, text)
    return xml, text


def file_name(number: str) -> str:
    """`Rechnung_RE-2026-0042.pdf`: ASCII and at most 60 characters, since some mail programs cannot read others."""
    plain = _NAME_CHARACTERS.sub("-", number).strip("-.")
    return f"Rechnung_{plain[: _MAX_NAME - len('Rechnung_.pdf')]}.pdf"


def check_same_facts(xml: bytes, page: str) -> None:
    """Raise `DeviatingPaper` unless the page shows number, recipient, gross and IBAN of the electronic invoice.

    A client's own template could leave them out.
    """
    root, shown = etree.fromstring(xml), printed_text(page)
    currency = _fact(root, "ram:InvoiceCurrencyCode")
    wanted = (
        ("Rechnungsnummer", _fact(root, "rsm:ExchangedDocument/ram:ID")),
        ("Empfänger", _fact(root, "ram:BuyerTradeParty/ram:Name")),
        ("Bruttobetrag", german.amount(Decimal(_fact(root, "ram:GrandTotalAmount")), currency)),
        ("IBAN", german.iban_groups(_fact(root, "ram:IBANID"))),
    )
    for what, value in wanted:
        if one_line(value) not in shown:
            raise DeviatingPaper(what, value)


def _fact(root: etree._Element, path: str) -> str:
    return str(root.xpath(f"string(//{path})", namespaces=NAMESPACES))


def printed_text(page: str) -> str:
    """The words of an HTML page on one line, without its head."""
    body = html.fromstring(page).find("body")
    parts = [] if body is None else [text for element in body.iter(etree.Element) for text in _own(element)]
    return " ".join(" ".join(parts).split())


def _own(element: etree._Element) -> list[str]:
    own = [] if element.tag in _SKIPPED else [element.text or ""]
    return [*own, element.tail or ""]
