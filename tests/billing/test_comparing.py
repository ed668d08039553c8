"""What we wanted against what the accounting system made of it, to the cent."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.comparing import Booked, differences
from billing.jobs import TaxCase
from tests.billing.samples import ERIKA, JOB, WORK, drafted

DRAFT = drafted()
BOOKED = Booked(
    external_id="inv-1",
    number="RE-1",
    version="1",
    is_issued=True,
    is_voided=False,
    issue_date=date(2026, 11, 2),
    due_date=date(2026, 11, 16),
    customer_id="c-1",
    customer_name="Erika Beispiel",
    net=Decimal("184.88"),
    vat=Decimal("35.13"),
    gross=Decimal("220.01"),
    vat_by_rate={Decimal(19): Decimal("35.13")},
    line_count=3,
    text="Vielen Dank.\nRB-AAAA-BBBB-CCCC",
)


def test_what_is_as_drafted_has_no_differences() -> None:
    """The invoice as wanted may be sent."""
    assert differences(DRAFT, BOOKED) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"net": Decimal("184.89")}, "Nettosumme: erwartet 184.88, gebucht 184.89."),
        ({"vat": Decimal("35.12")}, "Umsatzsteuer: erwartet 35.13, gebucht 35.12."),
        ({"gross": Decimal("220.00")}, "Bruttosumme: erwartet 220.01, gebucht 220.00."),
        ({"currency": "CHF"}, "Währung: erwartet EUR, gebucht CHF."),
        ({"line_count": 2}, "Zahl der Positionen: erwartet 3, gebucht 2."),
        ({"issue_date": date(2026, 11, 3)}, "Rechnungsdatum: erwartet 2026-11-02, gebucht 2026-11-03."),
        ({"due_date": date(2026, 11, 17)}, "Fälligkeit: erwartet 2026-11-16, gebucht 2026-11-17."),
        ({"due_date": None}, "Fälligkeit: erwartet 2026-11-16, gebucht None."),
        ({"customer_id": "c-2"}, "Kunde: erwartet c-1, gebucht c-2."),
        ({"vat_by_rate": {Decimal(7): Decimal("35.13")}}, "Umsatzsteuer je Satz: "),
        ({"vat_by_rate": {}}, "Umsatzsteuer je Satz: "),
        ({"text": "RB-AAAA-BBBB-CCCD"}, "Unser Zeichen RB-AAAA-BBBB-CCCC fehlt im Beleg."),
        ({"is_voided": True}, "Die Rechnung ist in der Buchhaltung storniert."),
        ({"is_issued": False}, "Die Rechnung ist in der Buchhaltung noch ein Entwurf."),
    ],
)
def test_each_difference_is_named(changes: dict[str, Any], sentence: str) -> None:
    """One thing different gives exactly one sentence with both values."""
    (found,) = differences(DRAFT, replace(BOOKED, **changes))
    assert found.startswith(sentence)
    assert found.endswith(".")


def test_all_differences_are_named_at_once() -> None:
    """Every difference stands in the list, not only the first."""
    other = replace(
        BOOKED,
        net=Decimal(1),
        vat=Decimal(2),
        gross=Decimal(3),
        currency="CHF",
        line_count=9,
        issue_date=date(2026, 1, 1),
        due_date=date(2026, 1, 2),
        customer_id="c-9",
        vat_by_rate={Decimal(7): Decimal(2)},
        text="",
        is_issued=False,
    )
    assert len(differences(DRAFT, other)) == 11


@pytest.mark.parametrize(
    "rates", [{Decimal("19.0"): Decimal("35.130")}, {Decimal(19): Decimal("35.13"), Decimal(0): Decimal("0.00")}]
)
def test_how_a_number_is_written_is_no_difference(rates: dict[Decimal, Decimal]) -> None:
    """19.0 % is 19 %, and a rate without VAT need not be listed."""
    assert differences(DRAFT, replace(BOOKED, vat_by_rate=rates, net=Decimal("184.880"))) == []


def test_a_tax_free_invoice_may_list_its_zero_rate_or_not() -> None:
    """At 0 % both no row and a row of zero are right."""
    free = drafted(replace(JOB, tax_case=TaxCase.SMALL_BUSINESS, lines=(replace(WORK, vat_rate=Decimal(0)),)))
    booked = replace(BOOKED, net=Decimal(160), vat=Decimal(0), gross=Decimal(160), line_count=1, vat_by_rate={})
    assert differences(free, booked) == []
    assert differences(free, replace(booked, vat_by_rate={Decimal(0): Decimal(0)})) == []


def test_a_one_time_customer_is_known_by_name() -> None:
    """Without a contact in the source the names must be the same."""
    once = drafted(replace(JOB, customer=replace(ERIKA, external_id="")))
    booked = replace(BOOKED, customer_id="")
    assert differences(once, booked) == []
    assert differences(once, replace(booked, customer_name="Erik Beispiel")) == [
        "Kunde: erwartet Erika Beispiel, gebucht Erik Beispiel."
    ]


def test_a_contact_that_was_booked_without_id_is_a_difference() -> None:
    """A known contact must be booked on that contact, not on a namesake."""
    assert differences(DRAFT, replace(BOOKED, customer_id="")) == ["Kunde: erwartet c-1, gebucht Erika Beispiel."]
