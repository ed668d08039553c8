"""The invoice on paper: one PDF/A-3b that people read and whose XML their accounting reads."""

import re
from dataclasses import dataclass

from billing.einvoice_duty import Form
from billing.invoices import Invoice, Kind
from billing.parties import Seller
from documents.accounts import check_accounts
from documents.agreement import check_same_facts, printed_text
from documents.einvoice import invoice_xml
from documents.fonts import check_glyphs
from documents.foot import foot
from documents.languages import LANGUAGES
from documents.letter import Giro, is_crowded
from documents.limits import check_draft, check_pdf
from documents.logo import logo_address
from documents.look import Look, look_for
from documents.templates import templates
from documents.view import invoice_view
from documents.workshop import printed, write
from documents.xmp import XML_NAME

XRECHNUNG_NAME = "xrechnung.xml"
_NAME_CHARACTERS = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_NAME = 60
_FILE_WORDS = {
    "de": {
        Kind.COLLECTIVE: "Sammelrechnung", Kind.PARTIAL: "Abschlagsrechnung", Kind.PREPAYMENT: "Anzahlungsrechnung",
        Kind.PARTIAL_CONSTRUCTION: "Abschlagsrechnung", Kind.FINAL_CONSTRUCTION: "Schlussrechnung",
        Kind.FINAL: "Schlussrechnung", Kind.PARTIAL_FINAL_CONSTRUCTION: "Teilschlussrechnung",
        Kind.CORRECTION: "Rechnungskorrektur", Kind.CANCELLATION: "Stornorechnung",
        Kind.CREDIT_NOTE: "Gutschrift", Kind.INVOICE: "Rechnung",
    },
    "en": {
        Kind.CORRECTION: "Correction", Kind.CANCELLATION: "Cancellation", Kind.CREDIT_NOTE: "Credit-note",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paper:
    """A finished document; `template_version` names the files it was made with, `file_name` is for people.

    `pdf` holds `xml` as attachment. An XRechnung goes beside the PDF, which is its readable copy, as `xml_name`.
    """

    pdf: bytes
    xml: bytes
    template_version: str
    file_name: str
    xml_name: str = XML_NAME

    @property
    def is_hybrid(self) -> bool:
        """Whether the XML is inside of the PDF and need not go beside it."""
        return self.xml_name == XML_NAME


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document before layout: the electronic form if it has one, the HTML page, the GiroCode that it shows."""

    xml: bytes
    page: str
    giro: Giro | None


def invoice_paper(invoice: Invoice, seller: Seller, look: Look, form: Form = Form.ZUGFERD) -> Paper:
    """Print an invoice in the form that is due. The same arguments and template files give the same bytes.

    Raises a `DocumentError`: `MissingGlyph`, `InvalidEInvoice`, `DeviatingPaper`, `UnusableLook`, `ForbiddenAsset`,
    `AddressTooLong`, `TooLarge`, `TooManyPages`; then nothing may be sent.
    """
    look = look_for(look, invoice.draft.customer)
    sheet = invoice_sheet(invoice, seller, look, form)
    is_inside = form is Form.ZUGFERD
    pdf = printed(look, sheet.page, sheet.xml if is_inside else b"", invoice.draft.issue_date, sheet.giro)
    check_pdf(pdf)
    name = file_name(invoice.number, invoice.draft.kind, look.language)
    return Paper(pdf, sheet.xml, templates(look).version, name, XML_NAME if is_inside else XRECHNUNG_NAME)


def invoice_sheet(invoice: Invoice, seller: Seller, look: Look, form: Form = Form.ZUGFERD) -> Sheet:
    """The two forms of the invoice before layout, both checked, and checked against each other."""
    check_draft(invoice.draft)
    language = LANGUAGES[look.language]
    view = invoice_view(invoice, seller, look.footer, look.closing, language)
    check_glyphs(view)
    xml = invoice_xml(invoice, seller, form)
    page = write(
        look,
        "invoice.html.j2",
        invoice=view,
        seller=view.seller,
        recipient=view.recipient,
        is_crowded=is_crowded(view.recipient),
        footer=view.footer,
        foot=foot(view.seller, view.footer),
        logo=logo_address(look),
        language=look.language,
        created=invoice.draft.issue_date.isoformat(),
    )
    check_same_facts(xml, page, language)
    for text in (printed_text(page), xml.decode()):
        check_accounts(text, (seller.iban, invoice.draft.payment.debited_iban))
    return Sheet(xml, page, view.giro)


def file_name(number: str, kind: Kind = Kind.INVOICE, language: str = "de") -> str:
    """`Rechnung_RE-2026-0042.pdf`: ASCII and at most 60 characters, since some mail programs cannot read others."""
    words = _FILE_WORDS.get(language, {})
    return plain_file_name(words.get(kind, "Invoice"), number)


def plain_file_name(word: str, number: str) -> str:
    """`word`, which must be ASCII, and a number made plain."""
    plain = _NAME_CHARACTERS.sub("-", number).strip("-.")
    return f"{word}_{plain[: _MAX_NAME - len(word) - len('_.pdf')]}.pdf"
