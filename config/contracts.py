"""Which recurring services a client sells, at what price and on what terms."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from billing.contracts import FLAT, Agreed, Plan, Terms, When
from config.fields import Day, Required, Text
from config.section import Section
from config.times import VatRate
from config.wording import Expected

CYCLES = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
"""How many months a period has."""

Price = Annotated[
    Decimal,
    Field(ge=0, le=1_000_000, decimal_places=2),
    Expected("ein Betrag netto in Euro mit Punkt und höchstens zwei Nachkommastellen"),
]
Cycle = Annotated[
    Literal["month", "quarter", "half-year", "year"],
    Expected("ein Abrechnungszeitraum: month, quarter, half-year oder year"),
]
PlanName = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$"),
    Expected("der Kurzname eines Tarifs: Kleinbuchstaben, Ziffern, - und _"),
]
TrialDays = Annotated[int, Field(strict=True, ge=0, le=365), Expected("eine ganze Zahl von Tagen (0 bis 365)")]
NoticeDays = Annotated[int, Field(strict=True, ge=0, le=90), Expected("eine ganze Zahl von Tagen (0 bis 90)")]
DaysBefore = Annotated[int, Field(strict=True, ge=0, le=60), Expected("eine ganze Zahl von Tagen (0 bis 60)")]
Months = Annotated[int, Field(strict=True, ge=0, le=120), Expected("eine ganze Zahl von Monaten (0 bis 120)")]
NoticeMonths = Annotated[int, Field(strict=True, ge=0, le=12), Expected("eine ganze Zahl von Monaten (0 bis 12)")]


class PriceSection(Section):
    """A new price for all periods that begin from a day on."""

    since: Day = Field(description="Gilt für Zeiträume, die ab diesem Tag beginnen", examples=["2027-01-01"])
    price: Price = Field(description="Preis netto je Zeitraum und Stück", examples=["52.00"])


class PlanSection(Section):
    """One plan (Tarif). What is agreed with a customer stays as it was when his contract was made; prices follow."""

    title: Required = Field(description="Wie der Tarif auf der Rechnung heißt", examples=["Wartung Basis"])
    description: Text | None = Field(None, description="Zusatz unter der Position")
    cycle: Cycle = Field("month", description="Abrechnungszeitraum: month, quarter, half-year oder year")
    price: Price = Field(description="Preis netto je Zeitraum und Stück", examples=["49.00"])
    new_prices: tuple[PriceSection, ...] = Field(
        (), max_length=50, description="Spätere Preise", examples=["[{since: 2027-01-01, price: 52.00}]"]
    )
    unit: Required = Field(FLAT, description="Was es mehrmals geben kann", examples=["Arbeitsplatz"])
    vat_rate: VatRate = Field(19, description="Steuersatz in Prozent", examples=[19])
    billed: When = Field(When.ADVANCE, description="advance: im Voraus; arrears: nach dem Zeitraum")
    calendar: bool = Field(
        False, description="true: Zeiträume beginnen am Monatsersten, der erste anteilig", examples=["true"]
    )
    trial_days: TrialDays = Field(0, description="So viele Tage kosten nichts", examples=[30])
    setup_fee: Price = Field(Decimal("0.00"), description="Einmalig mit der ersten Rechnung", examples=["99.00"])
    setup_title: Required = Field("Einrichtung", description="Wie das Einmalige auf der Rechnung heißt")
    term_months: Months = Field(0, description="Mindestlaufzeit, 0 = keine", examples=[12])
    renewal_months: Months = Field(0, description="Verlängerung danach, 0 = auf unbestimmte Zeit", examples=[0])
    notice_months: NoticeMonths = Field(0, description="Kündigungsfrist in Monaten", examples=[1])
    notice_days: NoticeDays = Field(0, description="Kündigungsfrist in Tagen", examples=[14])


class ContractsSection(Section):
    """Recurring invoices from contracts."""

    since: Day = Field(
        description="Zeiträume, die davor begonnen haben, sind anderswo berechnet", examples=["2026-12-01"]
    )
    days_before: DaysBefore = Field(
        0, description="So viele Tage vor einem Zeitraum wird im Voraus berechnet", examples=[14]
    )
    owner: Required = Field("Büro", description="Bekommt Rückfragen", examples=["Jana Sommer"])
    plans: Annotated[dict[PlanName, PlanSection], Field(min_length=1)] = Field(description="Tarife nach Kurznamen")


def plans_of(section: ContractsSection, *, small_business: bool = False) -> Mapping[str, Plan]:
    """The plans by name, as the rules know them."""
    return {name: _plan(name, one, small_business=small_business) for name, one in section.plans.items()}


def terms_of(section: ContractsSection, language: str, *, small_business: bool = False) -> Terms:
    """How contracts are billed to a customer of that language."""
    plans = plans_of(section, small_business=small_business)
    return Terms(plans, section.since, section.days_before, language)


def agreed_of(plan: PlanSection) -> Agreed:
    """What a new contract about that plan agrees on."""
    return Agreed(
        when=plan.billed,
        is_calendar=plan.calendar,
        trial_days=plan.trial_days,
        setup_fee=plan.setup_fee,
        term_months=plan.term_months,
        renewal_months=plan.renewal_months,
        notice_months=plan.notice_months,
        notice_days=plan.notice_days,
    )


def _plan(name: str, section: PlanSection, *, small_business: bool) -> Plan:
    later_prices = ((step.since, step.price) for step in section.new_prices)
    return Plan(
        name=name,
        title=section.title,
        cycle_months=CYCLES[section.cycle],
        prices=((date.min, section.price), *later_prices),
        unit=section.unit,
        description=section.description or "",
        vat_rate=Decimal(0 if small_business else section.vat_rate),
        setup_title=section.setup_title,
    )
