"""Part payments and the final invoice that deducts them (§ 14 (5) UStG)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from billing.invoices import Draft, Invoice, Kind, PartPayment, Reference
from billing.money import to_cent
from billing.vat import HUNDRED, Totals, VatGroup


def received(part: Invoice, received_on: date, amount: Decimal | None = None) -> PartPayment:
    """What was received on a part invoice, in euro gross; without `amount` all of it.

    A payment in part is shared over the rates in proportion, its VAT taken out of each share.
    """
    totals = part.draft.totals
    groups = totals.groups if amount in (None, totals.gross) else _shared(totals, amount or Decimal(0))
    return PartPayment(part.number, part.draft.issue_date, received_on, groups)


def final(draft: Draft, deductions: Iterable[PartPayment], unpaid: Iterable[Reference] = ()) -> Draft:
    """The draft as final invoice over everything, less the part payments that were received.

    `unpaid` part invoices are named but not deducted: they stay open or have been cancelled.
    """
    parts = tuple(deductions)
    kind = Kind.FINAL_CONSTRUCTION if draft.kind in _CONSTRUCTION else Kind.FINAL
    references = (*(Reference(part.number, part.issue_date) for part in parts), *unpaid)
    paid = sum((part.gross for part in parts), Decimal("0.00")) + draft.payment.paid_amount
    return replace(
        draft,
        kind=kind,
        deductions=parts,
        preceding=(*draft.preceding, *(each for each in references if each not in draft.preceding)),
        totals=replace(draft.totals, paid=paid),
    )


def remaining(totals: Totals, deductions: Iterable[PartPayment]) -> tuple[VatGroup, ...]:
    """What is left per rate after the part payments, as a final invoice shows it (§ 14 (5) s. 2 UStG)."""
    left = {group.rate: group for group in totals.groups}
    for part in deductions:
        for group in part.groups:
            before = left.get(group.rate, VatGroup(group.rate, Decimal("0.00"), Decimal("0.00")))
            left[group.rate] = VatGroup(group.rate, before.net - group.net, before.vat - group.vat)
    return tuple(left[rate] for rate in sorted(left))


_CONSTRUCTION = frozenset({Kind.PARTIAL_CONSTRUCTION, Kind.FINAL_CONSTRUCTION})


def _shared(totals: Totals, amount: Decimal) -> tuple[VatGroup, ...]:
    found: list[VatGroup] = []
    left = amount
    for group in totals.groups:
        is_last = len(found) == len(totals.groups) - 1
        gross = left if is_last else to_cent(amount * (group.net + group.vat) / totals.gross)
        left -= gross
        vat = to_cent(gross * group.rate / (HUNDRED + group.rate))
        found.append(VatGroup(group.rate, gross - vat, vat))
    return tuple(found)
