"""How recorded work becomes collective invoices: where it comes from, who approves it, what an hour costs."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from billing.collective import Grouping, Rules
from billing.hourly_prices import Mode, Prices, Tier
from billing.parties import Address, Customer, CustomerKind
from billing.work_entries import HOUR, Direction, Rounding
from config.fields import Day, MailAddress, Postcode, Required, SystemName, Text
from config.section import MayBeEmpty, Section
from config.wording import Expected

HourlyRate = Annotated[
    Decimal,
    Field(ge=0, le=10_000, decimal_places=2),
    Expected("ein Stundensatz netto in Euro mit Punkt und höchstens zwei Nachkommastellen"),
]
Hours = Annotated[
    Decimal, Field(ge=0, le=1_000, decimal_places=2, multiple_of=Decimal("0.25")), Expected("Stunden, etwa 10 oder 2.5")
]
HoursAbove = Annotated[
    Decimal,
    Field(gt=0, le=1_000, decimal_places=2, multiple_of=Decimal("0.25")),
    Expected("Stunden über 0, etwa 10 oder 2.5"),
]
BillingDay = Annotated[int, Field(strict=True, ge=1, le=28), Expected("ein Tag im Monat (1 bis 28)")]
Step = Annotated[Literal[1, 3, 5, 6, 10, 15, 30, 60], Expected("Minuten: 1 (genau), 3, 5, 6, 10, 15, 30 oder 60")]
VatRate = Annotated[Literal[0, 7, 19], Expected("ein Steuersatz: 19, 7 oder 0")]
Rates = Annotated[dict[str, HourlyRate], MayBeEmpty]


class TierSection(Section):
    """A lower price from some hours on."""

    above_hours: HoursAbove = Field(description="Gilt ab der Stunde nach dieser Zahl", examples=[10])
    rate: HourlyRate = Field(description="Stundensatz netto in Euro", examples=["85.00"])


class TiersSection(Section):
    """A price that changes with the hours of a month (Staffel)."""

    mode: Mode = Field(
        Mode.GRADUATED,
        description="graduated: jede Stufe nur für die Stunden über ihr; volume: alle Stunden zum erreichten Preis",
        examples=["graduated"],
    )
    steps: Annotated[tuple[TierSection, ...], Field(min_length=1, max_length=10)] = Field(
        description="Stufen, höchstens 10", examples=["[{above_hours: 10, rate: 85.00}]"]
    )


class RoundingSection(Section):
    """How each entry is rounded before it is billed."""

    minutes: Step = Field(15, description="Auf so viele Minuten je Eintrag; 1: genau", examples=[15])
    direction: Direction = Field(
        Direction.UP, description="up: angefangene zählen ganz; nearest: zur nächsten", examples=["up"]
    )


class RecipientSection(Section):
    """Who is billed, for customers whom neither an invoice nor another program has made known yet."""

    name: Required = Field(description="Name des Kunden", examples=["Hausverwaltung Krämer GmbH"])
    street: Required = Field(description="Straße und Hausnummer", examples=["Marktplatz 1"])
    postcode: Postcode = Field(description="Postleitzahl", examples=['"80331"'])
    city: Required = Field(description="Ort", examples=["München"])
    kind: CustomerKind = Field(CustomerKind.BUSINESS, description="business, consumer oder public")
    email: MailAddress | None = Field(None, description="Rechnungsadresse", examples=["rechnung@kunde.de"])
    contact_id: Text | None = Field(None, description="Id des Kontakts in der Buchhaltung, leer: einmalige Anschrift")


class TimesCustomer(Section):
    """What is different for one customer; None means as for all."""

    names: tuple[Required, ...] = Field(
        (), description="Wie die Zeiterfassung diesen Kunden nennt: Name oder Id", examples=["[Krämer, '3213']"]
    )
    hourly_rate: HourlyRate | None = Field(None, description="Stundensatz netto in Euro", examples=["90.00"])
    activities: Rates | None = Field(None, description="Stundensätze je Tätigkeit")
    persons: Rates | None = Field(None, description="Stundensätze je Person")
    tiers: TiersSection | None = Field(None, description="Eigene Staffel")
    rounding: RoundingSection | None = Field(None, description="Eigene Rundung")
    grouping: Grouping | None = Field(None, description="Eigene Gliederung: ticket, day oder project")
    included_hours: Hours | None = Field(None, description="Stunden im Monat, die schon bezahlt sind (Kontingent)")
    recipient: RecipientSection | None = Field(None, description="Anschrift, wenn sie sonst niemand kennt")


NOTHING_OWN = TimesCustomer()


class TimesSection(Section):
    """Monthly collective invoices from recorded and approved work."""

    system: SystemName | None = Field(None, description="Verbindung der Zeiterfassung, etwa mite", examples=["mite"])
    folder: Text | None = Field(
        None,
        description="Ordner mit CSV-Dateien statt einer Verbindung, neben dieser Datei",
        examples=["zeiten/sommer"],
    )
    since: Day = Field(description="Was davor getan wurde, bleibt liegen", examples=["2026-11-01"])
    billing_day: BillingDay = Field(3, description="Ab diesem Tag wird der Vormonat abgerechnet", examples=[3])
    approval: bool = Field(True, description="false: was erfasst ist, gilt als freigegeben", examples=["true"])
    approver: Required = Field("Büro", description="Wer freigibt; bekommt auch Rückfragen", examples=["Jana Sommer"])
    hourly_rate: HourlyRate = Field(description="Stundensatz netto in Euro", examples=["95.00"])
    activities: Rates = Field(default_factory=dict, description="Stundensätze je Tätigkeit")
    persons: Rates = Field(default_factory=dict, description="Stundensätze je Person")
    tiers: TiersSection | None = Field(None, description="Staffel nach Stunden im Monat, leer = keine")
    rounding: Annotated[RoundingSection, MayBeEmpty] = Field(
        default_factory=RoundingSection, description="Rundung je Eintrag"
    )
    grouping: Grouping = Field(
        Grouping.TICKET, description="Eine Position je ticket, day (Tag) oder project", examples=["ticket"]
    )
    included_hours: Hours = Field(Decimal(0), description="Stunden im Monat, die schon bezahlt sind", examples=[0])
    timesheet: bool = Field(True, description="true: der Tätigkeitsnachweis liegt der Rechnung bei", examples=["true"])
    vat_rate: VatRate = Field(19, description="Steuersatz in Prozent", examples=[19])
    customers: Annotated[dict[str, TimesCustomer], MayBeEmpty] = Field(
        default_factory=dict, description="Abweichungen nach Kundennummer"
    )

    @property
    def aliases(self) -> Mapping[str, str]:
        """Customer numbers by what the time recording calls the customers."""
        return {name: number for number, one in self.customers.items() for name in one.names}


def rules_of(section: TimesSection, number: str, language: str, *, small_business: bool = False) -> Rules:
    """How the work of one customer is billed, by his number or, without one, his name."""
    own = section.customers.get(number, NOTHING_OWN)
    tiers, rounding = own.tiers or section.tiers, own.rounding or section.rounding
    included = section.included_hours if own.included_hours is None else own.included_hours
    prices = Prices(
        hourly=section.hourly_rate if own.hourly_rate is None else own.hourly_rate,
        activities=section.activities if own.activities is None else own.activities,
        persons=section.persons if own.persons is None else own.persons,
        tiers=tuple(Tier(int(step.above_hours * HOUR), step.rate) for step in tiers.steps) if tiers else (),
        mode=tiers.mode if tiers else Mode.GRADUATED,
        included_minutes=int(included * HOUR),
    )
    return Rules(
        prices=prices,
        rounding=Rounding(rounding.minutes, rounding.direction),
        grouping=own.grouping or section.grouping,
        vat_rate=Decimal(0 if small_business else section.vat_rate),
        has_timesheet=section.timesheet,
        language=language,
    )


def recipient_of(section: TimesSection, number: str) -> Customer | None:
    """The customer as the client's file describes him, None where it does not."""
    told = section.customers.get(number, NOTHING_OWN).recipient
    if told is None:
        return None
    return Customer(
        external_id=told.contact_id or "",
        name=told.name,
        address=Address(told.street, told.postcode, told.city),
        kind=told.kind,
        email=told.email or "",
        number=number,
    )
