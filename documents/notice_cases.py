"""Reminders and dunning notices of every level for the gallery."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from billing.calendar import last_day_to_pay
from billing.interest import PartPayment, default_interest
from billing.money import euro
from billing.parties import Customer, CustomerKind
from documents.case import ENGLISH, Case
from documents.demand import Cost, CostKind, Notice, OpenInvoice, Received
from documents.samples import BUILDER, CONSUMER

_TODAY = date(2026, 11, 23)
_EARLIER = (date(2026, 9, 21), date(2026, 10, 12), date(2026, 11, 2))
"""Working days, as is the day itself: letters leave on no other."""
_DAY = timedelta(1)


def _open(number: str, issued: date, gross: str, *paid: Received, kind: CustomerKind, costs: str = "") -> OpenInvoice:
    """An invoice that was due two weeks after its day, with interest and costs if `costs` names an amount.

    Businesses have agreed on that date (§ 286 (2) BGB), consumers come into default by the first letter. Either period
    ends on a working day (§ 193 BGB).
    """
    due = issued + timedelta(14)
    if not costs:
        return OpenInvoice(number, issued, due, Decimal(gross), paid)
    principal = [PartPayment(each.day, euro(each.amount)) for each in paid if each.day]
    period = _EARLIER[0] + timedelta(7) if kind is CustomerKind.CONSUMER else due
    interest = default_interest(euro(gross), kind, last_day_to_pay(period) + _DAY, _TODAY, principal)
    cost = Cost(CostKind.POSTAGE if kind is CustomerKind.CONSUMER else CostKind.LUMP_SUM, Decimal(costs))
    return OpenInvoice(number, issued, due, Decimal(gross), paid, interest, (cost,))


def _notice(level: int, customer: Customer, *invoices: OpenInvoice, days: int = 10) -> Notice:
    pay_until = last_day_to_pay(_TODAY + timedelta(days))
    return Notice(level, _TODAY, pay_until, customer, invoices, _EARLIER[: level - 1])


def _reminder() -> Case:
    open_one = _open("RE-2026-0042", date(2026, 11, 2), "1369.69", kind=CONSUMER.kind)
    about = "Freundlich und kostenlos; noch kein Verzug."
    return Case("erinnerung", "Zahlungserinnerung", about, _notice(1, CONSUMER, open_one, days=7))


def _first_dunning() -> Case:
    part = Received(Decimal("500.00"), date(2026, 9, 30))
    open_one = _open("RE-2026-0021", date(2026, 9, 1), "1369.69", part, kind=CONSUMER.kind)
    return Case("mahnung-1", "1. Mahnung", "Mit Teilzahlung, ohne Kosten.", _notice(2, CONSUMER, open_one))


def _second_dunning() -> Case:
    part = Received(Decimal("500.00"), date(2026, 7, 3))
    invoices = (
        _open("RE-2026-0011", date(2026, 6, 1), "1256.40", part, kind=BUILDER.kind, costs="40.00"),
        _open("RE-2026-0018", date(2026, 8, 1), "7846.93", kind=BUILDER.kind, costs="40.00"),
    )
    about = "Zwei Rechnungen, Zinsen über den 30. Juni hinweg, Verzugspauschale je Rechnung."
    return Case("mahnung-2", "2. Mahnung", about, _notice(3, BUILDER, *invoices))


def _last_dunning() -> Case:
    open_one = _open("RE-2026-0009", date(2026, 5, 18), "2140.00", kind=CONSUMER.kind, costs="1.20")
    about = "Verbraucher: 5 Prozentpunkte, nur die wirklichen Versandkosten, keine Drohung."
    return Case("mahnung-3", "Letzte Mahnung", about, _notice(4, CONSUMER, open_one, days=14))


def _many_open() -> Case:
    invoices = tuple(
        _open(
            f"RE-2026-{at:04}",
            date(2026, 3, 2) + timedelta(9 * at),
            f"{310 + 17 * at}.50",
            kind=BUILDER.kind,
            costs="40",
        )
        for at in range(1, 17)
    )
    return Case(
        "mahnung-viele", "Mahnung über 16 Rechnungen", "Kontoauszug über drei Seiten.", _notice(4, BUILDER, *invoices)
    )


def _english_notice() -> Case:
    open_one = _open("RE-2026-0019", date(2026, 8, 3), "3443.00", kind=ENGLISH.kind, costs="40.00")
    about = "Zweite Mahnung in der Sprache des Kunden."
    return Case("mahnung-englisch", "Mahnung, englisch", about, _notice(3, ENGLISH, open_one))


NOTICES: tuple[Callable[[], Case], ...] = (
    _reminder, _first_dunning, _second_dunning, _last_dunning, _many_open, _english_notice,
)  # fmt: skip
