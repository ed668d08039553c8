"""The files of a document: a small real PDF, for e-invoices with the XML inside, and that XML."""

from decimal import Decimal
from xml.sax.saxutils import escape

from sandbox.pdf import text_pdf
from sandbox.sevdesk.account import Account
from sandbox.sevdesk.documents import contact_name, positions_of
from sandbox.sevdesk.errors import Json
from sandbox.sevdesk.records import Record, decimal_text

TITLES = {
    "AN": "Angebot", "AB": "Auftragsbestätigung", "LI": "Lieferschein", "RE": "Rechnung", "SR": "Stornorechnung",
    "MA": "Mahnung", "TR": "Teilrechnung", "AR": "Abschlagsrechnung", "ER": "Schlussrechnung",
    "WKR": "Wiederkehrende Rechnung",
}  # fmt: skip
NAMESPACE = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"


def pdf(account: Account, document: Record) -> tuple[str, bytes]:
    """File name and bytes; an e-invoice holds its XML as factur-x.xml."""
    number = document["invoiceNumber"] or document["orderNumber"] or "Entwurf"
    is_einvoice = bool(document["propertyIsEInvoice"])
    attached = {"factur-x.xml": einvoice(account, document).encode()} if is_einvoice else {}
    return f"{_title(document)}-{number}.pdf", text_pdf(_lines(account, document, number), attached)


def einvoice(account: Account, invoice: Record) -> str:
    """A token of an e-invoice: number, dates, parties, totals; not a valid one."""
    contact = account.needed(invoice["contact"])
    facts: Json = {
        "ID": invoice["invoiceNumber"] or "",
        "IssueDate": invoice["invoiceDate"],
        "BuyerReference": contact["buyerReference"],
        "Seller": account.profile["name"],
        "Buyer": contact_name(contact),
        "TaxBasisTotalAmount": invoice["sumNet"],
        "TaxTotalAmount": invoice["sumTax"],
        "GrandTotalAmount": invoice["sumGross"],
    }
    inner = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in facts.items())
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{declaration}\n<rsm:CrossIndustryInvoice xmlns:rsm="{NAMESPACE}">{inner}</rsm:CrossIndustryInvoice>\n'


def _title(document: Record) -> str:
    return TITLES[document["invoiceType"] or document["orderType"]]


def _lines(account: Account, document: Record, number: str) -> list[str]:
    day = document["invoiceDate"] or document["orderDate"]
    head = [account.profile["name"], "", *(document["address"] or "").split("\n"), "", f"{_title(document)} {number}"]
    body = [
        f"{decimal_text(p['quantity'])} x {p['name'] or ''}: {_euro(p['price'])}"
        for p in positions_of(account, document)
    ]
    return [*head, f"Datum: {day:%d.%m.%Y}", "", *body, "", f"Gesamtbetrag: {_euro(document['sumGross'])}"]


def _euro(amount: Decimal) -> str:
    return f"{amount:.2f} EUR"
