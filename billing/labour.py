"""The labour share of an invoice, which private customers deduct from their income tax (§ 35a (3), (5) EStG)."""

from decimal import Decimal

from billing.invoices import Draft
from billing.jobs import PriceMode
from billing.money import to_cent
from billing.vat import HUNDRED, VatGroup, plain_rate, rate_sums


def labour_gross(draft: Draft) -> Decimal:
    """Labour, machine and travel cost with its VAT, rounded once per rate; discount and charges in proportion.

    BMF 9.11.2016, IV C 8 - S 2296-b/07/10003:008: the VAT on labour counts, material does not.
    """
    labour = rate_sums([line for line in draft.lines if line.is_labour])
    whole = rate_sums(draft.lines)
    groups = {group.rate: group for group in draft.totals.groups}
    shares = (
        _share(amount, whole[rate], groups[plain_rate(rate)], draft.price_mode)
        for rate, amount in labour.items()
        if whole[rate]
    )
    return sum(shares, Decimal("0.00"))


def _share(labour: Decimal, whole: Decimal, group: VatGroup, mode: PriceMode) -> Decimal:
    if mode is PriceMode.GROSS:
        return to_cent(labour * (group.net + group.vat) / whole)
    return to_cent(labour * group.net / whole * (HUNDRED + group.rate) / HUNDRED)
