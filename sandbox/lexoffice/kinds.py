"""The kinds of sales documents and which may follow which."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of sales document: its resource, its voucher type and what its body holds."""

    resource: str
    voucher_type: str
    prefix: str
    title: str
    priced: bool = True
    has_terms: bool = True
    ships: bool = False
    can_finalize: bool = True


QUOTATION = Kind("quotations", "quotation", "AG", "Angebot")
ORDER_CONFIRMATION = Kind("order-confirmations", "orderconfirmation", "AB", "Auftragsbestätigung", ships=True)
DELIVERY_NOTE = Kind("delivery-notes", "deliverynote", "LS", "Lieferschein", priced=False, has_terms=False, ships=True)
INVOICE = Kind("invoices", "invoice", "RE", "Rechnung", ships=True)
CREDIT_NOTE = Kind("credit-notes", "creditnote", "GS", "Rechnungskorrektur", has_terms=False)
DUNNING = Kind("dunnings", "dunning", "", "Mahnung", has_terms=False, can_finalize=False)

KINDS = {k.resource: k for k in (QUOTATION, ORDER_CONFIRMATION, DELIVERY_NOTE, INVOICE, CREDIT_NOTE, DUNNING)}

TARGETS: dict[str, set[str]] = {
    "quotation": {"orderconfirmation", "deliverynote", "invoice"},
    "orderconfirmation": {"deliverynote", "invoice"},
    "deliverynote": {"invoice"},
    "invoice": {"deliverynote", "creditnote", "dunning"},
    "creditnote": set(),
    "dunning": set(),
}
"""Preceding voucher type to the types it may be pursued to; any other chain is refused with 406."""

XML_KINDS = {"invoice", "creditnote"}
"""Voucher types that exist as XML at all; asking others for XML is 406."""
