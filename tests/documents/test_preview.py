"""Previews: every kind by name, with the data of client and customer."""

from dataclasses import replace

import pytest

from billing.invoices import Invoice, Kind
from documents.case import ENGLISH
from documents.demand import Notice
from documents.look import Look
from documents.preview import KINDS, UnknownKind, preview
from documents.samples import CONSUMER, SMALL_SELLER, samples
from tests.documents.reading import words


@pytest.mark.parametrize("kind", [*KINDS, *Kind, "photovoltaik"])
def test_every_kind_has_a_preview(kind: str) -> None:
    """All names that operators use, all codes of the program and all cases of the gallery are understood."""
    assert preview(kind).subject is not None


def test_unknown_kind_lists_the_known_ones() -> None:
    """A wrong name is answered with the right ones."""
    with pytest.raises(UnknownKind, match=r"storno.*mahnung-letzte"):
        preview("proforma")


def test_client_and_customer_replace_the_made_up_ones() -> None:
    """The preview shows the seller's name and colour, and the customer's address in his language."""
    case = preview(
        "rechnung", replace(SMALL_SELLER, small_business=False, vat_id="DE123456788"), Look(accent="#0b5d4e")
    )
    assert "Gartenpflege Lindner" in words(case.paper())
    english = preview("rechnung", customer=ENGLISH)
    text = words(english.paper())
    assert "Harbour Lights Trading Ltd" in text
    assert "Invoice total" in text


def test_notice_for_another_kind_of_customer_drops_the_costs() -> None:
    """A business' interest and lump sum are not shown to a consumer."""
    case = preview("mahnung-2", customer=CONSUMER)
    assert isinstance(case.subject, Notice)
    assert case.subject.total == case.subject.open


REAL = samples()["skonto-rabatt"][0]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_about_a_real_invoice(kind: str) -> None:
    """Each document names the real customer and, where it is about an invoice, that invoice's number."""
    text = words(preview(kind, invoice=REAL).paper())
    assert REAL.draft.customer.name in text
    if kind not in ("sammelrechnung", "abschlag", "anzahlung", "teilschlussrechnung", "schlussrechnung"):
        assert REAL.number in text


def test_a_cancellation_of_a_real_invoice_takes_all_of_it() -> None:
    """The sum is that of the invoice, turned around."""
    case = preview("storno", invoice=REAL)
    assert isinstance(case.subject, Invoice)
    assert case.subject.draft.totals.gross == -REAL.draft.totals.gross
