"""Part payments and the final invoice that deducts them (§ 14 (5) UStG)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from billing.invoices import Draft, Invoice, Kind, PartPayment, Reference
from billing.jobs import Discount, Line, PriceMode
from billing.money import to_cent
from billing.vat import HUNDRED, Totals, VatGroup, charge_amount, rate_sums, spread, totals


def received(part: Invoice, received_on: date, amount: Decimal | None = None) -> PartPayment:
    """What was received on a part invoice, in euro gross; without `amount` all of it.

    A payment in part is shared over the rates in proportion, its VAT taken out of each share.
    """
    sums = part.draft.totals
    groups = sums.groups if amount is None or amount == sums.gross else _shared(sums, amount)
    return PartPayment(part.number, part.draft.issue_date, received_on, groups)


def final(draft: Draft, deductions: Iterable[PartPayment], unpaid: Iterable[Reference] = ()) -> Draft:
    """The draft as final invoice over everything, less the part payments that were received.

    `unpaid` part invoices are named but not deducted: they stay open or have been cancelled.
    """
    parts = tuple(deductions)
    kind = _final_kind(draft.kind)
    references = (*(Reference(part.number, part.issue_date) for part in parts), *unpaid)
    paid = sum((part.gross for part in parts), Decimal("0.00")) + draft.payment.paid_amount
    return replace(
        draft,
        kind=kind,
        deductions=parts,
        preceding=(*draft.preceding, *(each for each in references if each not in draft.preceding)),
        totals=replace(draft.totals, paid=paid),
    )


def rest(draft: Draft, deductions: Iterable[PartPayment]) -> Draft:
    """The draft as Restrechnung: every received part payment is a negative line, so that only the rest is billed.

    What BMF 15.10.2024 Rn. 48 advises, and from 2028 on the only form that an e-invoice has for it. Discount and
    charges become lines too, since they are of the whole work and not of the rest.
    """
    parts = tuple(deductions)
    taken_off = (_taken_off(part, group, draft.price_mode) for part in parts for group in part.groups)
    lines = (*draft.lines, *_changes(draft), *taken_off)
    references = (Reference(part.number, part.issue_date) for part in parts)
    return replace(
        draft,
        kind=_final_kind(draft.kind),
        lines=lines,
        discount=Discount(),
        charges=(),
        preceding=tuple(dict.fromkeys((*draft.preceding, *references))),
        totals=totals(lines, draft.price_mode, Discount(), paid=draft.payment.paid_amount),
    )


def remaining(sums: Totals, deductions: Iterable[PartPayment]) -> tuple[VatGroup, ...]:
    """What is left per rate after the part payments, as a final invoice shows it (§ 14 (5) s. 2 UStG)."""
    left = {group.rate: group for group in sums.groups}
    for part in deductions:
        for group in part.groups:
            before = left.get(group.rate, VatGroup(group.rate, Decimal("0.00"), Decimal("0.00")))
            left[group.rate] = VatGroup(group.rate, before.net - group.net, before.vat - group.vat)
    return tuple(left[rate] for rate in sorted(left))


def _final_kind(kind: Kind) -> Kind:
    """Which kind settles a draft of this one; a part of the work settled on its own stays that."""
    if kind is Kind.PARTIAL_FINAL_CONSTRUCTION:
        return kind
    return Kind.FINAL_CONSTRUCTION if kind in _CONSTRUCTION else Kind.FINAL


_CONSTRUCTION = frozenset({Kind.PARTIAL_CONSTRUCTION, Kind.FINAL_CONSTRUCTION})


def _changes(draft: Draft) -> Iterator[Line]:
    """The document's discount and charges as lines, one for each rate that bears a share."""
    sums = rate_sums(draft.lines)
    parts = [(draft.totals.discount, draft.discount.reason or "Rabatt")]
    parts += [(-charge_amount(draft.totals.line_total, charge), charge.reason) for charge in draft.charges]
    for amount, reason in parts:
        for rate, left in sorted(spread(sums, amount).items()):
            if left != sums[rate]:
                yield Line(reason, Decimal(1), "pauschal", left - sums[rate], rate)


def _taken_off(part: PartPayment, group: VatGroup, mode: PriceMode) -> Line:
    name = f"Abzüglich Abschlagsrechnung {part.number} vom {part.issue_date:%d.%m.%Y}"
    return Line(
        name=name,
        quantity=Decimal(-1),
        unit="pauschal",
        unit_price=group.net if mode is PriceMode.NET else group.net + group.vat,
        vat_rate=group.rate,
        description=f"Erhalten am {part.received_on:%d.%m.%Y}",
    )


def _shared(sums: Totals, amount: Decimal) -> tuple[VatGroup, ...]:
    found: list[VatGroup] = []
    left = amount
    for group in sums.groups:
        is_last = len(found) == len(sums.groups) - 1
        gross = left if is_last else to_cent(amount * (group.net + group.vat) / sums.gross)
        left -= gross
        vat = to_cent(gross * group.rate / (HUNDRED + group.rate))
        found.append(VatGroup(group.rate, gross - vat, vat))
    return tuple(found)
