"""Sellers, customers and drafts for the rules of tax, contents and notes."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from billing.invoices import Draft
from billing.jobs import Discount, Line, PriceMode, TaxCase
from billing.parties import Address, CustomerKind, Seller
from billing.vat import totals
from tests.billing.samples import ERIKA, drafted

SELLER = Seller(
    name="Elektro Sommer GmbH",
    address=Address("Lindenstraße 4", "80331", "München"),
    tax_number="181/815/08155",
    vat_id="DE136695976",
    email="buero@sommer.example",
    phone="089 5550100",
    iban="DE02120300000000202051",
)
SMALL = replace(SELLER, small_business=True)
BUILDER = replace(ERIKA, name="Bau GmbH", kind=CustomerKind.BUSINESS, vat_id="DE811907980")
AUSTRIAN = replace(BUILDER, vat_id="ATU12345675", address=Address("Ring 1", "1010", "Wien", "AT"))
SWISS = replace(BUILDER, vat_id="", address=Address("Gasse 1", "8001", "Zürich", "CH"))
LINES = st.lists(
    st.builds(
        Line,
        name=st.just("Arbeit"),
        quantity=st.decimals("-20", "500", places=3),
        unit_price=st.decimals("-10", "999", places=3),
        vat_rate=st.sampled_from([Decimal(0), Decimal(7), Decimal(19)]),
        discount_percent=st.decimals(0, 50, places=1),
        surcharge_percent=st.sampled_from([Decimal(0), Decimal(25)]),
    ),
    min_size=1,
    max_size=6,
)


def free(case: TaxCase, **changes: Any) -> Draft:
    """A draft over 600 euro without VAT."""
    lines = (Line("Arbeit", Decimal(10), "Std.", Decimal(60)),)
    return replace(priced(*lines), tax_case=case, **changes)


def big(**changes: Any) -> Draft:
    """A full invoice over 1,000 euro net, 1,190 gross."""
    return replace(priced(Line("Arbeit", Decimal(10), "Std.", Decimal(100), Decimal(19))), **changes)


def priced(*lines: Line, mode: PriceMode = PriceMode.NET, discount: Discount | None = None) -> Draft:
    """A draft of these lines with its sums."""
    off = discount or Discount()
    return replace(drafted(), lines=lines, price_mode=mode, discount=off, totals=totals(lines, mode, off))
