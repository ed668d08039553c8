"""Previews: how a kind of document looks for a client and a customer; nothing is issued or kept."""

from dataclasses import replace
from datetime import timedelta

from billing.corrections import cancellation, correction, credit_note
from billing.invoices import Invoice, Kind
from billing.jobs import Line
from billing.parties import Customer, Seller
from documents.case import Case
from documents.cases import cases
from documents.demand import Notice, OpenInvoice
from documents.look import Look

BETWEEN = timedelta(days=10)
"""From one made-up letter to the next."""

# What operators call the kinds; any name of a case is understood, too.
KINDS = {
    "rechnung": "verbraucher",
    "sammelrechnung": "sammelrechnung",
    "abschlag": "abschlag-bau",
    "anzahlung": "anzahlung",
    "teilschlussrechnung": "teilschlussrechnung",
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
    Kind.PARTIAL_FINAL_CONSTRUCTION: "teilschlussrechnung",
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
    kind: str,
    seller: Seller | None = None,
    look: Look | None = None,
    customer: Customer | None = None,
    invoice: Invoice | None = None,
) -> Case:
    """The case of that kind with the client's and customer's data in place of the made-up ones.

    With a real `invoice` it is about that one: the invoice itself, its cancellation, a notice of it. Raises
    `UnknownKind`. Printing it raises what any document raises, for instance if a tax case lacks a VAT id.
    """
    case = cases().get(_name(kind))
    if case is None:
        raise UnknownKind(kind)
    if invoice is not None:
        case = replace(case, subject=_about(case, invoice))
    elif customer is not None:
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


def _about(case: Case, invoice: Invoice) -> Invoice | Notice:
    """The case about a real invoice: itself, what changes it, or a notice of it; other kinds keep their own lines."""
    subject = case.subject
    if isinstance(subject, Notice):
        return _notice_of(subject, invoice)
    kind, draft = subject.draft.kind, subject.draft
    day, lines = max(draft.issue_date, invoice.draft.issue_date), _first_priced(invoice)
    if kind is Kind.INVOICE:
        return invoice
    if kind is Kind.CANCELLATION:
        changed = cancellation(invoice, day, draft.marker, draft.introduction)
    elif kind is Kind.CREDIT_NOTE:
        changed = credit_note(invoice, lines, day, draft.marker, draft.introduction)
    elif kind is Kind.CORRECTION:
        changed = correction(invoice, _negative(lines), day, draft.marker, draft.introduction)
    else:
        changed = replace(draft, customer=invoice.draft.customer)
    return replace(subject, draft=changed)


def _notice_of(notice: Notice, invoice: Invoice) -> Notice:
    draft = invoice.draft
    day = max(notice.issue_date, invoice.due_date + BETWEEN)
    earlier = tuple(day - BETWEEN * before for before in range(len(notice.earlier), 0, -1))
    claim = OpenInvoice(invoice.number, draft.issue_date, invoice.due_date, draft.totals.due, title=draft.title)
    return replace(
        notice, customer=draft.customer, invoices=(claim,), issue_date=day, pay_until=day + BETWEEN, earlier=earlier
    )


def _first_priced(invoice: Invoice) -> tuple[Line, ...]:
    """One line to credit or correct; a real one always has some."""
    return tuple(line for line in invoice.draft.lines if not line.is_text)[:1]


def _negative(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(replace(line, quantity=-line.quantity) for line in lines)
