"""Previews: how a kind of document looks for a client and a customer, with made-up lines; nothing is issued or kept."""

from dataclasses import replace

from billing.invoices import Invoice, Kind
from billing.parties import Customer, Seller
from documents.case import Case
from documents.cases import cases
from documents.demand import Notice
from documents.look import Look

# What operators call the kinds; any name of a case is understood, too.
KINDS = {
    "rechnung": "verbraucher",
    "sammelrechnung": "sammelrechnung",
    "abschlag": "abschlag-bau",
    "anzahlung": "anzahlung",
    "schlussrechnung": "schlussrechnung",
    "korrektur": "korrektur",
    "storno": "storno",
    "gutschrift": "gutschrift",
    "erinnerung": "erinnerung",
    "mahnung-1": "mahnung-1",
    "mahnung-2": "mahnung-2",
    "mahnung-letzte": "mahnung-3",
}
_CODES = {
    Kind.INVOICE: "rechnung",
    Kind.COLLECTIVE: "sammelrechnung",
    Kind.PARTIAL: "abschlag",
    Kind.PARTIAL_CONSTRUCTION: "abschlag",
    Kind.PREPAYMENT: "anzahlung",
    Kind.FINAL: "schlussrechnung",
    Kind.FINAL_CONSTRUCTION: "schlussrechnung",
    Kind.CORRECTION: "korrektur",
    Kind.CANCELLATION: "storno",
    Kind.CREDIT_NOTE: "gutschrift",
}


class UnknownKind(LookupError):
    """There is no document of that kind; the message is German and lists what there is."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"Einen Beleg der Art {kind!r} gibt es nicht. Möglich sind: {', '.join(KINDS)}.")


def preview(
    kind: str, seller: Seller | None = None, look: Look | None = None, customer: Customer | None = None
) -> Case:
    """The case of that kind with the client's and customer's data in place of the made-up ones.

    Raises `UnknownKind`. Printing it raises what any document raises, for instance if a tax case lacks a VAT id.
    """
    case = cases().get(_name(kind))
    if case is None:
        raise UnknownKind(kind)
    if customer is not None:
        case = replace(case, subject=_for_customer(case, customer))
    return replace(case, seller=seller or case.seller, look=look or case.look)


def _name(kind: str) -> str:
    plain = kind.strip().lower()
    if plain in _CODES:
        plain = _CODES[Kind(plain)]
    return KINDS.get(plain, plain)


def _for_customer(case: Case, customer: Customer) -> Invoice | Notice:
    subject = case.subject
    if isinstance(subject, Notice):
        if customer.kind is subject.customer.kind:
            return replace(subject, customer=customer)
        # Rates and costs differ between consumers and businesses.
        plain = tuple(replace(each, interest=None, costs=()) for each in subject.invoices)
        return replace(subject, customer=customer, invoices=plain)
    return replace(subject, draft=replace(subject.draft, customer=customer))
