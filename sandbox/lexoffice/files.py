"""The file of a sales document: a small real PDF or, for XRechnung, XML; which one the Accept header decides."""

import base64
from dataclasses import dataclass
from xml.sax.saxutils import escape

from sandbox.lexoffice.errors import ApiError, Json
from sandbox.lexoffice.kinds import XML_KINDS
from sandbox.lexoffice.office import Voucher
from sandbox.pdf import text_pdf

DRAFT = "Requesting PDF document is not possible in state draft."


@dataclass(frozen=True)
class File:
    """Bytes with their type and name."""

    content: bytes
    content_type: str
    name: str


def file_of(voucher: Voucher, accept: str, seller: str) -> File:
    """The body of GET .../file; 409 for a draft, 404 or 406 for a form that does not exist."""
    if voucher.status == "draft" and voucher.kind.can_finalize:
        raise ApiError(409, DRAFT)
    wanted = accept.split(",")[0].split(";")[0].strip() or "*/*"
    choices = {"*/*": _preferred, "application/pdf": _pdf, "application/xml": _xml, "application/json": _base64}
    if wanted not in choices:
        raise ApiError(406, f"No file for Accept {wanted}.")
    return choices[wanted](voucher, seller)


def document_id(voucher: Voucher) -> Json:
    """The body of the deprecated GET .../document; 406 for a draft."""
    if voucher.status == "draft":
        raise ApiError(406, DRAFT)
    return dict(voucher.body["files"])


def _preferred(voucher: Voucher, seller: str) -> File:
    is_xml = voucher.body["electronicDocumentProfile"] == "XRechnung"
    return _xml(voucher, seller) if is_xml else _pdf(voucher, seller)


def _pdf(voucher: Voucher, seller: str) -> File:
    return File(text_pdf(_text(voucher, seller)), "application/pdf", f"{_name(voucher)}.pdf")


def _base64(voucher: Voucher, seller: str) -> File:
    """The trap: asked for JSON the API answers base64 text that is labelled as PDF."""
    plain = _pdf(voucher, seller)
    return File(base64.b64encode(plain.content), plain.content_type, plain.name)


def _xml(voucher: Voucher, seller: str) -> File:
    if voucher.kind.voucher_type not in XML_KINDS:
        raise ApiError(406, "XML is not available for this kind of voucher.")
    if voucher.body["electronicDocumentProfile"] != "XRechnung":
        raise ApiError(404, "No XML document available.")
    return File(_xrechnung(voucher.body, seller), "application/xml", f"{_name(voucher)}.xml")


def _name(voucher: Voucher) -> str:
    return f"{voucher.kind.title} {voucher.body.get('voucherNumber', voucher.id)}"


def _text(voucher: Voucher, seller: str) -> list[str]:
    body = voucher.body
    address = body["address"]
    town = f"{address.get('zip', '')} {address.get('city', '')}".strip()
    head = [seller, "", address["name"], address.get("street", ""), town, "", _name(voucher)]
    head += [f"Datum: {body['voucherDate'][:10]}", *([f"Fällig: {body['dueDate'][:10]}"] if "dueDate" in body else [])]
    lines = [
        f"{item.get('quantity', '')} {item.get('unitName', '')} {item.get('name', '')}" for item in body["lineItems"]
    ]
    total = [f"Gesamtbetrag: {body['totalPrice']['totalGrossAmount']} EUR"] if "totalPrice" in body else []
    return [*head, "", *(line.strip() for line in lines), "", *total, body.get("remark", "")]


def _xrechnung(body: Json, seller: str) -> bytes:
    """A token of an XRechnung: number, dates, parties, totals; not a valid e-invoice."""
    total = body["totalPrice"]
    facts = {
        "ID": body["voucherNumber"],
        "IssueDate": body["voucherDate"][:10],
        "DueDate": body["dueDate"][:10],
        "BuyerReference": body["xRechnung"]["buyerReference"],
        "Seller": seller,
        "Buyer": body["address"]["name"],
        "TaxExclusiveAmount": total["totalNetAmount"],
        "TaxInclusiveAmount": total["totalGrossAmount"],
    }
    inner = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in facts.items())
    namespace = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Invoice xmlns="{namespace}">{inner}</Invoice>\n'.encode()
