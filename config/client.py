"""One client as configured: who invoices, through which systems, on what terms, and how reminders are written."""

from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from billing.dunning_policy import (
    DEFAULT_GROUPS,
    FREE_LEVELS,
    MONDAY_TO_FRIDAY,
    NONE,
    Action,
    Level,
    Policy,
    Tone,
)
from billing.invoices import Channel
from billing.jobs import EarlyPayment, Terms
from billing.parties import Address, Customer, CustomerKind, Seller
from config.fields import (
    Amount,
    Bic,
    ClientName,
    Colour,
    CountryCode,
    Cron,
    Day,
    DaysUntilDue,
    DiscountDays,
    DunningDays,
    HeaderName,
    Hour,
    Iban,
    Land,
    MailAddress,
    MailsPerDay,
    ModuleName,
    PayWithinDays,
    Percent,
    Phone,
    Postcode,
    Required,
    SystemName,
    TaxNumber,
    Text,
    Tolerance,
    VatId,
    Website,
    Weekday,
)


class Section(BaseModel):
    """A part of the file: unknown names are mistakes, nothing changes after reading, and 80331 is a fine postcode."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


def _nothing_is_empty(value: object) -> object:
    return {} if value is None else value


MayBeEmpty = BeforeValidator(_nothing_is_empty)


class SellerSection(Section):
    """The client as issuer of invoices (BG-4), with what § 14 (4) UStG and § 35a GmbHG want on paper."""

    name: Required = Field(description="Voller Name mit Rechtsform", examples=["Sommer Elektrotechnik GmbH"])
    street: Required = Field(description="Straße und Hausnummer", examples=["Lindenstraße 4"])
    postcode: Postcode = Field(description="Postleitzahl", examples=['"80331"'])
    city: Required = Field(description="Ort", examples=["München"])
    supplement: Text | None = Field(None, description="Zusatz zur Anschrift, etwa Hinterhaus")
    country_code: CountryCode = Field("DE", description="Land", examples=["DE"])
    tax_number: TaxNumber | None = Field(None, description="Steuernummer", examples=["181/815/08155"])
    vat_id: VatId | None = Field(None, description="Umsatzsteuer-Identifikationsnummer", examples=["DE136695976"])
    email: MailAddress = Field(description="Mailadresse auf der Rechnung", examples=["buero@beispiel.de"])
    phone: Phone = Field(description="Telefonnummer auf der Rechnung", examples=['"+49 89 1234567"'])
    website: Website | None = Field(None, description="Adresse im Netz", examples=["www.beispiel.de"])
    iban: Iban = Field(description="Konto, auf das Kunden zahlen", examples=["DE02 1203 0000 0000 2020 51"])
    bic: Bic | None = Field(None, description="BIC der Bank", examples=["BYLADEM1001"])
    bank_name: Text | None = Field(None, description="Name der Bank")
    account_holder: Text | None = Field(None, description="Kontoinhaber, wenn er anders heißt als der Rechnungssteller")
    contact_name: Text | None = Field(None, description="Ansprechpartner auf der Rechnung")
    register_court: Text | None = Field(None, description="Registergericht", examples=["Amtsgericht München"])
    register_number: Text | None = Field(None, description="Registernummer", examples=["HRB 123456"])
    managing_directors: tuple[Required, ...] = Field(
        (), description="Geschäftsführer oder Vorstand mit vollem Vornamen", examples=["[Anna Sommer]"]
    )
    small_business: bool = Field(False, description="true: Kleinunternehmer nach § 19 UStG", examples=["false"])


class System(BaseModel):
    """One connection. All but `module` belongs to the connector and is checked where it is connected."""

    model_config = ConfigDict(frozen=True, extra="allow")

    module: ModuleName = Field(description="Anschluss, der dieses System kennt", examples=["lexoffice"])

    @property
    def options(self) -> dict[str, Any]:
        """What the connector is to be configured with; secrets are still references."""
        return dict(self.model_extra or {})


class Jobs(Section):
    """Where finished jobs come from."""

    system: SystemName = Field(description="Verbindung, die erledigte Aufträge meldet", examples=["lexware"])
    since: Day = Field(description="Aufträge, die vorher erledigt wurden, bleiben liegen", examples=["2026-11-01"])


class EarlyPaymentSection(Section):
    """Skonto, counted in days from the invoice date."""

    percent: Percent = Field(description="Skonto in Prozent", examples=[2])
    days: DiscountDays = Field(description="Tage ab Rechnungsdatum", examples=[7])


class Invoices(Section):
    """How invoices are made and handed over."""

    system: SystemName = Field(description="Buchhaltung, in der die Rechnung entsteht", examples=["lexware"])
    days_until_due: DaysUntilDue = Field(description="Zahlungsziel in Tagen ab Rechnungsdatum", examples=[14])
    early_payment: EarlyPaymentSection | None = Field(None, description="Skonto, leer = keines")
    pdf: Literal["own", "accounting"] = Field(
        "own", description="own: unsere Gestaltung; accounting: PDF der Buchhaltung", examples=["own"]
    )
    channel: Channel = Field(Channel.MAIL, description="Versandweg", examples=["mail"])


class Payments(Section):
    """Where it is known what has been paid."""

    system: SystemName = Field(description="Verbindung, die Zahlungen kennt", examples=["lexware"])
    bank_folder: Text | None = Field(
        None, description="Ordner für Bankdateien (CAMT, MT940, CSV), neben dieser Datei", examples=["bank/sommer"]
    )
    bank_csv: dict[str, Any] | None = Field(None, description="Aufbau von CSV-Dateien der Bank, leer = keine")
    tolerance: Tolerance = Field(
        Decimal("0.00"), description="Um so viel darf eine Zahlung abweichen, ohne dass jemand fragt", examples=["0.05"]
    )


class Mail(Section):
    """Under whose name mails are sent. All of it stands in every mail's header."""

    system: SystemName = Field(description="Verbindung, die Mails versendet", examples=["mail"])
    sender: MailAddress = Field(alias="from", description="Absenderadresse", examples=["rechnung@beispiel.de"])
    from_name: HeaderName = Field(description="Absendername", examples=["Sommer Elektrotechnik"])
    reply_to: MailAddress = Field(
        description="Adresse für Antworten; jemand muss sie lesen", examples=["buero@beispiel.de"]
    )
    copy_to: MailAddress | None = Field(None, description="Erhält eine eigene Kopie jeder Mail, leer = niemand")


class Look(Section):
    """The client's look on our template."""

    language: Literal["de", "en"] = Field("de", description="Sprache der Belege", examples=["de"])
    accent: Colour = Field("#1f4e79", description="Farbe für Linien und Überschriften", examples=['"#0b5d4e"'])
    logo: Text | None = Field(None, description="Logo (SVG, PNG, JPG), Pfad neben dieser Datei")
    templates: Text | None = Field(None, description="Ordner mit eigenen Vorlagen, Pfad neben dieser Datei")
    footer: tuple[Text, ...] = Field((), max_length=6, description="Zusätzliche Zeilen der Fußzeile, höchstens 6")
    closing: Text | None = Field(None, description="Schlusssatz der Rechnung")


class LevelSection(Section):
    """One step of dunning."""

    days: DunningDays = Field(
        description="Tage nach dem letzten Zahlungstag (erste Stufe) oder nach der Stufe davor", examples=[5]
    )
    action: Action = Field(
        description="reminder: freundliche Erinnerung; notice: Mahnung; task: Aufgabe; hand-over: Abgabe (Inkasso)",
        examples=["reminder"],
    )
    tone: Tone | None = Field(None, description="friendly, firm oder last (letzte Mahnung)", examples=["firm"])
    fee: Amount = Field(NONE, description="Mahnkosten in Euro", examples=["0.00"])
    interest: bool = Field(False, description="true: Verzugszinsen verlangen, sobald Verzug besteht", examples=["true"])
    lump_sum: bool = Field(False, description="true: 40 EUR Pauschale, nie von Verbrauchern", examples=["true"])
    channel: Channel = Field(Channel.MAIL, description="mail, oder none: ein Mensch verschickt den Brief")
    minimum: Amount | None = Field(None, description="Eigener Mindestbetrag dieser Stufe", examples=["20.00"])
    template: Text | None = Field(None, description="Name einer eigenen Vorlage")
    owner: Text | None = Field(None, description="Wer die Aufgabe dieser Stufe bekommt", examples=["Büro"])


Levels = Annotated[tuple[LevelSection, ...], Field(max_length=5)]


class GroupSection(Section):
    """What is different for one kind of customers."""

    levels: Levels = Field(description="Stufen für diese Kunden, höchstens 5")


class SendingSection(Section):
    """When reminders leave, in Europe/Berlin; never on a holiday."""

    weekdays: tuple[Weekday, ...] = Field(MONDAY_TO_FRIDAY, description="Wochentage", examples=["[mo]"])
    from_hour: Hour = Field(7, description="Nicht vor dieser Stunde", examples=[8])
    until_hour: Hour = Field(20, description="Nicht ab dieser Stunde", examples=[18])


class Dunning(Section):
    """When customers are reminded; without levels the lawful default holds, an empty list means never."""

    levels: Levels | None = Field(None, description="Stufen der Reihe nach, höchstens 5")
    consumer: GroupSection | None = Field(None, description="Eigene Stufen für Verbraucher")
    business: GroupSection | None = Field(None, description="Eigene Stufen für Unternehmen")
    public: GroupSection | None = Field(None, description="Eigene Stufen für Behörden")
    sending: Annotated[SendingSection, MayBeEmpty] = Field(
        default_factory=SendingSection, description="Wann Erinnerungen hinausgehen"
    )
    minimum: Amount = Field(
        Decimal("5.00"), description="Unter diesem offenen Betrag wird nicht erinnert", examples=["5.00"]
    )
    land: Land | None = Field(None, description="Bundesland, dessen Feiertage gelten", examples=["BY"])
    pay_within_days: PayWithinDays = Field(7, description="Frist in der Erinnerung in Tagen", examples=[7])
    due_date_agreed: bool = Field(
        False, description="true: das Zahlungsziel ist im Vertrag vereinbart (§ 286 Abs. 2 BGB)", examples=["false"]
    )
    task_owner: Required = Field("Büro", description="Wer Aufgaben bekommt", examples=["Büro"])


class CustomerException(Section):
    """What is different for one customer; None means as for all."""

    kind: CustomerKind | None = Field(None, description="Verbraucher, Unternehmen oder Behörde", examples=["business"])
    email: MailAddress | None = Field(None, description="Rechnungsadresse", examples=["rechnung@kunde.de"])
    channel: Channel | None = Field(None, description="Versandweg", examples=["none"])
    days_until_due: DaysUntilDue | None = Field(None, description="Zahlungsziel in Tagen", examples=[30])


class Limits(Section):
    """Brakes."""

    mails_per_day: MailsPerDay = Field(200, description="Mehr Mails am Tag gehen nicht hinaus", examples=[200])
    stopped: bool = Field(False, description="true hält alles an, was das Haus verlässt", examples=["false"])


class Schedule(Section):
    """When flows run, in cron form, Europe/Berlin."""

    poll: Cron = Field("*/5 * * * *", description="Erledigte Aufträge holen", examples=['"*/5 * * * *"'])
    payments: Cron = Field("0 6,12,18 * * *", description="Zahlungen prüfen", examples=['"0 6,12,18 * * *"'])
    reminders: Cron = Field("30 9 * * 1-5", description="Erinnerungen schreiben", examples=['"30 9 * * 1-5"'])
    reconcile: Cron = Field("*/10 * * * *", description="Offenes nachholen", examples=['"*/10 * * * *"'])


class Client(Section):
    """All that is known about one client. Money in euro, days are calendar days."""

    name: ClientName = Field(description="Kurzname, gleich dem Dateinamen ohne .yaml", examples=["sommer"])
    active: bool = Field(description="Ob für den Mandanten gearbeitet wird", examples=["true"])
    seller: SellerSection = Field(description="Rechnungssteller")
    systems: dict[SystemName, System] = Field(min_length=1, description="Verbindungen zu fremden Systemen")
    jobs: Jobs = Field(description="Quelle erledigter Aufträge")
    invoices: Invoices = Field(description="Rechnungen")
    payments: Payments = Field(description="Zahlungen")
    mail: Mail | None = Field(None, description="Mailversand; nötig, sobald ein Versandweg mail ist")
    look: Annotated[Look, MayBeEmpty] = Field(default_factory=Look, description="Aussehen der Belege")
    dunning: Dunning = Field(description="Erinnerungen")
    customers: Annotated[dict[str, CustomerException], MayBeEmpty] = Field(
        default_factory=dict, description="Ausnahmen nach Kundennummer"
    )
    limits: Annotated[Limits, MayBeEmpty] = Field(default_factory=Limits, description="Bremsen")
    schedule: Annotated[Schedule, MayBeEmpty] = Field(default_factory=Schedule, description="Zeitpläne")


def seller_of(config: Client) -> Seller:
    """The issuer as the rules know it."""
    section = config.seller
    return Seller(
        name=section.name,
        address=Address(section.street, section.postcode, section.city, section.country_code, section.supplement or ""),
        tax_number=section.tax_number or "",
        vat_id=section.vat_id or "",
        email=section.email,
        phone=section.phone,
        iban=section.iban,
        bic=section.bic or "",
        bank_name=section.bank_name or "",
        account_holder=section.account_holder or "",
        contact_name=section.contact_name or "",
        website=section.website or "",
        register_court=section.register_court or "",
        register_number=section.register_number or "",
        managing_directors=section.managing_directors,
        small_business=section.small_business,
    )


def terms_of(config: Client, customer_number: str = "") -> Terms:
    """The terms of the client, or of one customer where an exception says so."""
    exception = config.customers.get(customer_number, CustomerException())
    days = config.invoices.days_until_due if exception.days_until_due is None else exception.days_until_due
    early = config.invoices.early_payment
    return Terms(days, EarlyPayment(early.percent, early.days) if early else None)


def policy_of(config: Client) -> Policy:
    """The client's dunning as the rules know it."""
    dunning, sending = config.dunning, config.dunning.sending
    own = {kind: section.levels for kind in CustomerKind if (section := getattr(dunning, kind))}
    defaults = DEFAULT_GROUPS if dunning.levels is None else {}
    groups = defaults | {kind: _levels(levels) for kind, levels in own.items()}
    return Policy(
        levels=FREE_LEVELS if dunning.levels is None else _levels(dunning.levels),
        minimum=dunning.minimum,
        land=dunning.land or "",
        groups=groups,
        weekdays=tuple(sending.weekdays),
        hours=(sending.from_hour, sending.until_hour),
        pay_within_days=dunning.pay_within_days,
    )


def _levels(sections: tuple[LevelSection, ...]) -> tuple[Level, ...]:
    letters = [place for place, section in enumerate(sections) if section.action is Action.NOTICE]
    return tuple(
        Level(
            days=section.days,
            action=section.action,
            tone=section.tone or (Tone.FIRM if place in letters else Tone.FRIENDLY),
            fee=section.fee,
            interest=section.interest,
            lump_sum=section.lump_sum,
            channel=section.channel,
            minimum=section.minimum,
            template=section.template or "",
            owner=section.owner or "",
        )
        for place, section in enumerate(sections)
    )


def channel_for(config: Client, customer_number: str) -> Channel:
    """How documents reach a customer."""
    exception = config.customers.get(customer_number, CustomerException())
    return exception.channel or config.invoices.channel


def with_exceptions(config: Client, customer: Customer) -> Customer:
    """The customer as read from the source, with the kind and mail address that the client set for the number."""
    exception = config.customers.get(customer.number, CustomerException())
    return replace(customer, kind=exception.kind or customer.kind, email=exception.email or customer.email)
