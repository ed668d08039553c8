"""Documents that change an issued invoice: it is never altered, a new document refers to it (§ 31 (5) UStDV)."""

from dataclasses import replace
from datetime import date

from billing.invoices import Draft, Invoice, Kind, PartPayment, Payment, Reference
from billing.jobs import Discount, Line, Terms
from billing.vat import VatGroup, totals


def cancellation(invoice: Invoice, issue_date: date, marker: str, reason: str = "") -> Draft:
    """The Stornorechnung: the same invoice with all quantities and amounts turned around (BT-3 384, BG-3)."""
    draft = invoice.draft
    discount = replace(draft.discount, amount=-draft.discount.amount)
    charges = tuple(replace(charge, amount=-charge.amount) for charge in draft.charges)
    lines = tuple(_negative(line) for line in draft.lines)
    parts = tuple(_returned(part) for part in draft.deductions)
    paid = -sum((part.gross for part in draft.deductions), draft.payment.paid_amount)
    return replace(
        _changing(draft, invoice, issue_date, marker, reason),
        kind=Kind.CANCELLATION,
        lines=lines,
        discount=discount,
        charges=charges,
        deductions=parts,
        payment=replace(draft.payment, paid_amount=-draft.payment.paid_amount),
        totals=totals(lines, draft.price_mode, discount, charges, paid),
    )


def credit_note(invoice: Invoice, lines: tuple[Line, ...], issue_date: date, marker: str, reason: str = "") -> Draft:
    """A commercial credit over `lines` of an invoice: positive amounts that mean money back (BT-3 381, BG-3)."""
    return _of_lines(Kind.CREDIT_NOTE, invoice, lines, _changing(invoice.draft, invoice, issue_date, marker, reason))


def correction(invoice: Invoice, lines: tuple[Line, ...], issue_date: date, marker: str, reason: str = "") -> Draft:
    """A Rechnungskorrektur: `lines` are the differences to the invoice, negative for what was too much (BT-3 384)."""
    return _of_lines(Kind.CORRECTION, invoice, lines, _changing(invoice.draft, invoice, issue_date, marker, reason))


def _of_lines(kind: Kind, invoice: Invoice, lines: tuple[Line, ...], changing: Draft) -> Draft:
    return replace(
        changing,
        kind=kind,
        lines=lines,
        discount=Discount(),
        charges=(),
        deductions=(),
        payment=replace(changing.payment, paid_amount=Payment().paid_amount),
        totals=totals(lines, invoice.draft.price_mode, Discount()),
    )


def _changing(draft: Draft, invoice: Invoice, issue_date: date, marker: str, reason: str) -> Draft:
    """The parts that every change takes over, with the reference that § 31 (5) UStDV wants; no Skonto on it."""
    return replace(
        draft,
        marker=marker,
        issue_date=issue_date,
        preceding=(Reference(invoice.number, draft.issue_date),),
        terms=Terms(draft.terms.days_until_due),
        introduction=reason,
        remark="",
    )


def _negative(line: Line) -> Line:
    return replace(line, quantity=-line.quantity)


def _returned(part: PartPayment) -> PartPayment:
    groups = tuple(VatGroup(group.rate, -group.net, -group.vat) for group in part.groups)
    return replace(part, groups=groups)
