"""The analysis: turnover, ages, days outstanding, and who pays how fast, as charts with their tables."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from markupsafe import Markup

from billing.ageing import Age
from billing.sales import MonthSales
from desk.analysing import METHOD, MONTHS, MOST_MONTHS, PAID_ON, analyse, days
from desk.console import german
from desk.web.access import NotFound, Person, Right, desk_of, require
from desk.web.charts import Bar, bars, columns
from desk.web.pages import in_language, language_of, page

router = APIRouter()
Translate = Callable[[str], str]
Reader = Annotated[Person, Depends(require(Right.SEE))]

PERIODS = (6, 12, 24, 36)
MONTH_NAMES = ("Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez")
TURNOVER = "{months} Monate, zusammen {total} Euro netto. Werte in Tausend Euro über den Säulen."
CROWDED = 18
THOUSAND = 1000
AGE_KINDS = ("fine", "late", "late", "bad", "bad")


@router.get("/auswertung")
def show(
    request: Request, person: Reader, client: str = "", months: Annotated[int, Query(ge=1, le=MOST_MONTHS)] = MONTHS
) -> Response:
    """The figures of one client, or of all that the person may see."""
    if client and client not in person.clients:
        raise NotFound
    desk = desk_of(request)
    clients = [client] if client else person.clients
    found = analyse(desk.house.ledger, clients, desk.clock.today(), months)
    translate = in_language(language_of(request, person))
    values = {
        "found": found,
        "client": client,
        "months": months,
        "periods": sorted({*PERIODS, months}),
        "method": METHOD,
        "paid_on": PAID_ON,
        "days": days_in(language_of(request, person)),
        "turnover_chart": turnover_chart(found.months, translate),
        "ages_chart": ages_chart(found.ages, translate),
    }
    return page(request, person, "analysis.html.j2", values)


def days_in(language: str) -> Callable[[int | None], str]:
    """A number of days in words of a language."""
    translate = in_language(language)

    def told(number: int | None) -> str:
        amount, _, unit = days(number).partition(" ")
        return f"{amount} {translate(unit)}".strip()

    return told


def turnover_chart(months: Sequence[MonthSales], translate: Translate) -> Markup:
    """Net turnover month by month in thousands; with many months only every third has a name."""
    total = sum((month.net for month in months), Decimal(0))
    is_crowded = len(months) > CROWDED
    rows = [
        Bar(
            translate(MONTH_NAMES[month.month.month - 1]) if not is_crowded or month.month.month % 3 == 1 else "",
            month.net,
            _thousands(month.net) if month.net and not is_crowded else "",
            below=f"{month.month:%Y}" if month.month.month == 1 or place == 0 else "",
        )
        for place, month in enumerate(months)
    ]
    description = translate(TURNOVER).format(months=len(months), total=german(total))
    return columns(translate("Umsatz je Monat"), description, rows)


def ages_chart(ages: Sequence[Age], translate: Translate) -> Markup:
    """What is open by days overdue."""
    rows = [
        Bar(translate(age.name), age.amount, f"{german(age.amount)} €", kind)
        for age, kind in zip(ages, AGE_KINDS, strict=True)
    ]
    description = "; ".join(f"{row.name}: {row.text}" for row in rows)
    return bars(translate("Offene Posten nach Alter"), description, rows)


def _thousands(amount: Decimal) -> str:
    return f"{amount / THOUSAND:.1f}".replace(".", ",")
