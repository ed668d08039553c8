"""`analysis`: turnover, ages, days outstanding and who pays how fast, for the screen, the page and other programs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.markup import escape

from billing.ageing import Age, ageing
from billing.punctuality import Payer, Punctuality, fastest, open_sum, payers, punctuality, slowest
from billing.sales import MonthSales, days_outstanding, months_until, simple_days_outstanding, turnover
from desk.console import german, out, print_json, table
from desk.opening import AsJson, ClientName, opened_for
from flows.clock import Clock
from ledger import figures
from ledger.database import Ledger
from ledger.figures import Billed

LISTED = 8
MONTHS = 12
MOST_MONTHS = 60

METHOD = (
    "DSO nach der Ausschöpfungsmethode: Vom heute offenen Betrag werden die Bruttoumsätze dieses Monats, des Monats"
    " davor und so weiter abgezogen; die verbrauchten Tage sind das Ergebnis. Einfach: offener Betrag durch den"
    " Bruttoumsatz der letzten 90 Tage, mal 90."
)
PAID_ON = (
    "Gezählt wird vom Rechnungsdatum bis zum Tag des Zahlungseingangs; wo ihn nur die Buchhaltung kennt, bis zu dem"
    " Tag, an dem er dort zum ersten Mal zu lesen war. Stornierte Rechnungen zählen nicht mit, Gutschriften mindern den"
    " Umsatz."
)


@dataclass(frozen=True, slots=True)
class Named:
    """A customer as people call him, with his client."""

    client: str
    key: str
    name: str
    payer: Payer


@dataclass(frozen=True, slots=True)
class Analysis:
    """All figures of some clients as of a day; money in euro, days whole."""

    today: date
    bills: int
    open_amount: Decimal
    days_outstanding: int | None
    simple_days_outstanding: int | None
    punctuality: Punctuality
    ages: list[Age]
    months: list[MonthSales]
    fastest: list[Named]
    slowest: list[Named]


def analyse(ledger: Ledger, clients: Sequence[str], today: date, months: int = MONTHS) -> Analysis:
    """The figures of these clients; turnover and payments of the last `months`, what is open whatever its age."""
    with ledger.reading() as session:
        found = figures.bills(session, clients)
    return analysis_of(found, today, months)


def analysis_of(found: Sequence[Billed], today: date, months: int) -> Analysis:
    """The figures of bills that were read."""
    bills = [each.bill for each in found]
    window = months_until(today, months)
    lately = [each for each in found if each.bill.paid_on and each.bill.paid_on >= window[0]]
    known = _named(lately, today)
    return Analysis(
        today=today,
        bills=len(bills),
        open_amount=open_sum(bills),
        days_outstanding=days_outstanding(bills, today),
        simple_days_outstanding=simple_days_outstanding(bills, today),
        punctuality=punctuality((each.bill for each in lately), today),
        ages=ageing(bills, today),
        months=turnover(bills, window),
        fastest=_ranked(fastest, known),
        slowest=_ranked(slowest, known),
    )


def show(
    client: ClientName = None,
    months: Annotated[int, typer.Option(min=1, max=MOST_MONTHS, help="So viele Monate zurück.")] = MONTHS,
    as_json: AsJson = False,
) -> None:
    """Umsatz je Monat, Altersgliederung der offenen Posten, DSO und wer wie schnell zahlt."""
    with opened_for(client) as (house, clients):
        names = [loaded.config.name for loaded in clients]
        found = analyse(house.ledger, names, Clock().today(), months)
        if as_json:
            print_json({"clients": names, "method": METHOD, **as_plain(found)})
        else:
            _print(found)


def as_plain(found: Analysis) -> dict[str, Any]:
    """The figures for machines."""
    return {
        "today": found.today,
        "bills": found.bills,
        "open_amount": found.open_amount,
        "days_outstanding": found.days_outstanding,
        "simple_days_outstanding": found.simple_days_outstanding,
        "punctuality": found.punctuality,
        "ages": [
            {"name": age.name, "first": age.first, "last": age.last, "count": age.count, "amount": age.amount}
            for age in found.ages
        ],
        "months": found.months,
        "fastest": [_plain(each) for each in found.fastest],
        "slowest": [_plain(each) for each in found.slowest],
    }


def days(number: int | None) -> str:
    """A number of days in words."""
    if number is None:
        return "–"
    return f"{number} Tag" if abs(number) == 1 else f"{number} Tage"


def _print(found: Analysis) -> None:
    out.print(escape(f"Offen: {german(found.open_amount)} EUR"), style="bold")
    out.print(escape(f"DSO: {days(found.days_outstanding)}, einfach {days(found.simple_days_outstanding)}"))
    paid = found.punctuality
    out.print(escape(f"Bezahlt nach: {days(paid.days)} (Median aus {paid.paid}), Entwicklung: {paid.trend}\n"))
    rows: list[tuple[Any, ...]] = [(age.name, age.count, age.amount) for age in found.ages]
    table("Offene Posten nach Alter", ("überfällig", "Zahl", "offen"), rows, figures=("Zahl", "offen"))
    rows = [(f"{month.month:%m/%Y}", month.count, month.net, month.gross) for month in found.months]
    table("Umsatz", ("Monat", "Zahl", "netto", "brutto"), rows, figures=("Zahl", "netto", "brutto"))
    for title, listed in (("Zahlen am schnellsten", found.fastest), ("Zahlen am langsamsten", found.slowest)):
        rows = [(each.name, days(each.payer.punctuality.days), each.payer.punctuality.paid) for each in listed]
        table(title, ("Kunde", "Median", "Rechnungen"), rows, figures=("Median", "Rechnungen"), cut=("Kunde",))
    out.print(escape(METHOD), style="dim")


def _named(found: Sequence[Billed], today: date) -> list[Named]:
    """Every customer of every client: two clients may number theirs alike."""
    by_client: dict[str, list[Billed]] = {}
    for each in found:
        by_client.setdefault(each.client, []).append(each)
    return [
        Named(client, payer.customer, names[payer.customer], payer)
        for client, own in by_client.items()
        for names in [{each.bill.customer: each.name for each in own}]
        for payer in payers((each.bill for each in own), today)
    ]


def _ranked(rank: Callable[[Sequence[Payer], int], list[Payer]], known: Sequence[Named]) -> list[Named]:
    """The first of a ranking; with few customers only half of them, so that nobody leads both lists."""
    by_payer = {id(each.payer): each for each in known}
    ranked = rank([each.payer for each in known], len(known))
    return [by_payer[id(payer)] for payer in ranked[: min(LISTED, (len(ranked) + 1) // 2)]]


def _plain(each: Named) -> dict[str, Any]:
    paid = each.payer.punctuality
    return {"client": each.client, "key": each.key, "name": each.name, "paid": paid.paid, "days": paid.days}
