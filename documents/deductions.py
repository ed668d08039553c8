"""The part payments that a final invoice deducts (§ 14 (5) s. 2 UStG), as text."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from billing.invoices import Draft, PartPayment
from billing.part_payments import remaining
from documents.german import one_line
from documents.languages import Language


@dataclass(frozen=True, slots=True)
class DeductionRow:
    """A received part payment at one rate; number and dates stand only with its first rate."""

    number: str
    issue_date: str
    received_on: str
    rate: str
    net: str
    vat: str
    gross: str


@dataclass(frozen=True, slots=True)
class SumRow:
    """Net, VAT and gross together; `rate` is empty for a sum over all rates."""

    rate: str
    net: str
    vat: str
    gross: str


@dataclass(frozen=True, slots=True)
class Deductions:
    """The part payments of a final invoice, their sum, and what remains of the invoice: per rate and in all."""

    rows: tuple[DeductionRow, ...]
    deducted: SumRow
    remaining_by_rate: tuple[SumRow, ...]
    remaining: SumRow


def deductions_of(draft: Draft, language: Language) -> Deductions | None:
    """The part payments of a draft, None if it deducts none."""
    parts = draft.deductions
    if not parts:
        return None
    left = remaining(draft.totals, parts)
    net = sum((part.net for part in parts), Decimal(0))
    vat = sum((part.vat for part in parts), Decimal(0))
    left_net = sum((group.net for group in left), Decimal(0))
    left_vat = sum((group.vat for group in left), Decimal(0))
    return Deductions(
        tuple(row for part in parts for row in _rows(part, draft.currency, language)),
        _sum("", net, vat, draft.currency, language),
        tuple(_sum(language.percent(group.rate), group.net, group.vat, draft.currency, language) for group in left),
        _sum("", left_net, left_vat, draft.currency, language),
    )


def _sum(rate: str, net: Decimal, vat: Decimal, currency: str, language: Language) -> SumRow:
    return SumRow(rate, *(language.amount(value, currency) for value in (net, vat, net + vat)))


def _rows(part: PartPayment, currency: str, language: Language) -> Iterator[DeductionRow]:
    named = (one_line(part.number), language.day(part.issue_date), language.day(part.received_on))
    for group in part.groups:
        amounts = (group.net, group.vat, group.net + group.vat)
        shown = (language.amount(value, currency) for value in amounts)
        yield DeductionRow(*named, language.percent(group.rate), *shown)
        named = ("", "", "")
