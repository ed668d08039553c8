"""One client as configured: who invoices, through which systems, on what terms, and how reminders are written."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from billing.dunning_policy import Policies, Policy
from billing.einvoice_duty import Form
from billing.invoices import Channel
from billing.jobs import EarlyPayment, Terms
from billing.parties import Address, Customer, Seller
from config.alerts import AlertsSection
from config.certificates import CertificateSection, certificate_of
from config.contracts import ContractsSection
from config.customers import FORMS, NO_EXCEPTION, CustomerException, Syntax, known_as, known_kind
from config.dunning import Dunning, Rules, rules_of_all, rules_of_customer
from config.fields import (
    Bic,
    ClientName,
    Colour,
    CountryCode,
    CreditorId,
    Cron,
    Day,
    DaysUntilDue,
    DiscountDays,
    HeaderName,
    Iban,
    InvoicesPerDay,
    LettersPerDay,
    MailAddress,
    MailsPerDay,
    ModuleName,
    Percent,
    Phone,
    Postcode,
    Required,
    SystemName,
    TaxNumber,
    Text,
    Tolerance,
    Turnover,
    VatId,
    Website,
    Year,
)
from config.filing import FilingSection
from config.mailbox import MailboxSection
from config.operation import Approval, Running
from config.section import MayBeEmpty, Section
from config.task_board import TaskBoardSection
from config.times import TimesSection
from config.webhooks import Webhook
from config.work import WorkSection


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
    withholding_exemption: CertificateSection | None = Field(
        None, description="Freistellungsbescheinigung zur Bauabzugsteuer (§ 48b EStG)"
    )
    creditor_id: CreditorId | None = Field(
        None, description="Gläubiger-Identifikationsnummer für Lastschriften", examples=["DE98ZZZ09999999999"]
    )
    turnover: dict[Year, Turnover] = Field(
        default_factory=dict, description="Gesamtumsatz je Jahr in Euro, für die Pflicht zur E-Rechnung 2027"
    )


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
    channel: Channel = Field(Channel.MAIL, description="Versandweg: mail, post oder none", examples=["mail"])
    xrechnung: Syntax = Field(
        "ubl", description="Schreibweise der XRechnung für Behörden: ubl oder cii", examples=["ubl"]
    )


class Payments(Section):
    """Where it is known what has been paid."""

    system: SystemName = Field(description="Verbindung, die Zahlungen kennt", examples=["lexware"])
    bank_folder: Text | None = Field(
        None, description="Ordner für Bankdateien (CAMT, MT940, CSV), neben dieser Datei", examples=["bank/sommer"]
    )
    bank: SystemName | None = Field(
        None, description="Verbindung zur Bank (module: fints), die Umsätze liest, leer = keine", examples=["konto"]
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


class Post(Section):
    """Who prints letters and brings them to the post."""

    system: SystemName = Field(description="Verbindung zum Briefdienst", examples=["briefe"])


class Look(Section):
    """The client's look on our template."""

    language: Literal["de", "en"] = Field("de", description="Sprache der Belege", examples=["de"])
    accent: Colour = Field("#1f4e79", description="Farbe für Linien und Überschriften", examples=['"#0b5d4e"'])
    logo: Text | None = Field(None, description="Logo (SVG, PNG), Pfad neben dieser Datei")
    templates: Text | None = Field(None, description="Ordner mit eigenen Vorlagen, Pfad neben dieser Datei")
    footer: tuple[Text, ...] = Field((), max_length=6, description="Zusätzliche Zeilen der Fußzeile, höchstens 6")
    closing: Text | None = Field(None, description="Schlusssatz der Rechnung")


class Limits(Section):
    """Brakes."""

    mails_per_day: MailsPerDay = Field(200, description="Mehr Mails am Tag gehen nicht hinaus", examples=[200])
    letters_per_day: LettersPerDay = Field(50, description="Mehr Briefe am Tag werden nicht aufgegeben", examples=[50])
    invoices_per_day: InvoicesPerDay = Field(
        200, description="Mehr Rechnungen am Tag werden nicht angelegt", examples=[200]
    )
    stopped: bool = Field(False, description="true hält alles an, was das Haus verlässt", examples=["false"])


class Schedule(Section):
    """When flows run, in cron form, Europe/Berlin."""

    poll: Cron = Field("*/5 * * * *", description="Erledigte Aufträge holen", examples=['"*/5 * * * *"'])
    payments: Cron = Field("0 6,12,18 * * *", description="Zahlungen prüfen", examples=['"0 6,12,18 * * *"'])
    reminders: Cron = Field("30 9 * * 1-5", description="Erinnerungen schreiben", examples=['"30 9 * * 1-5"'])
    reconcile: Cron = Field("*/10 * * * *", description="Offenes nachholen", examples=['"*/10 * * * *"'])
    mailbox: Cron = Field("*/15 * * * *", description="Postfach lesen", examples=['"*/15 * * * *"'])
    times: Cron = Field("0 5 * * *", description="Zeiten holen und abrechnen", examples=['"0 5 * * *"'])
    contracts: Cron = Field("30 5 * * *", description="Verträge abrechnen", examples=['"30 5 * * *"'])


class Client(Section):
    """All that is known about one client. Money in euro, days are calendar days."""

    name: ClientName = Field(description="Kurzname, gleich dem Dateinamen ohne .yaml", examples=["sommer"])
    active: bool = Field(description="Ob für den Mandanten gearbeitet wird", examples=["true"])
    seller: SellerSection = Field(description="Rechnungssteller")
    systems: dict[SystemName, System] = Field(min_length=1, description="Verbindungen zu fremden Systemen")
    jobs: Jobs = Field(description="Quelle erledigter Aufträge")
    invoices: Invoices = Field(description="Rechnungen")
    payments: Payments = Field(description="Zahlungen")
    work: Annotated[WorkSection, MayBeEmpty] = Field(
        default_factory=WorkSection, description="Was Positionen rechtlich bedeuten"
    )
    times: TimesSection | None = Field(None, description="Sammelrechnungen aus erfassten Zeiten, leer = keine")
    contracts: ContractsSection | None = Field(
        None, description="Wiederkehrende Rechnungen aus Verträgen, leer = keine"
    )
    mail: Mail | None = Field(None, description="Mailversand; nötig, sobald ein Versandweg mail ist")
    post: Post | None = Field(None, description="Briefdienst; nötig, sobald ein Versandweg post ist")
    mailbox: MailboxSection | None = Field(None, description="Postfach, in dem Antworten und Rückläufer ankommen")
    task_board: TaskBoardSection | None = Field(None, description="Brett, auf dem Aufgaben auch stehen")
    filing: FilingSection | None = Field(None, description="Ablage: Kopien von allem, was versandt ist")
    look: Annotated[Look, MayBeEmpty] = Field(default_factory=Look, description="Aussehen der Belege")
    dunning: Dunning = Field(description="Erinnerungen")
    customers: Annotated[dict[str, CustomerException], MayBeEmpty] = Field(
        default_factory=dict, description="Ausnahmen nach Kundennummer"
    )
    webhooks: Annotated[dict[SystemName, Webhook], MayBeEmpty] = Field(
        default_factory=dict, description="Adressen, denen gemeldet wird, was aus Rechnungen wird"
    )
    alerts: Annotated[AlertsSection, MayBeEmpty] = Field(
        default_factory=AlertsSection, description="Wer erfährt, was nicht von selbst weitergeht"
    )
    limits: Annotated[Limits, MayBeEmpty] = Field(default_factory=Limits, description="Bremsen")
    approval: Annotated[Approval, MayBeEmpty] = Field(default_factory=Approval, description="Freigaben")
    running: Annotated[Running, MayBeEmpty] = Field(default_factory=Running, description="Betrieb mit Prefect")
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
        withholding_exemption=certificate_of(section.withholding_exemption),
        creditor_id=section.creditor_id or "",
    )


def terms_of(config: Client, customer_number: str = "") -> Terms:
    """The terms of the client, or of one customer where an exception says so."""
    exception = exception_for(config, customer_number)
    days = config.invoices.days_until_due if exception.days_until_due is None else exception.days_until_due
    early = config.invoices.early_payment
    return Terms(days, EarlyPayment(early.percent, early.days) if early else None)


def policy_of(config: Client) -> Policy:
    """The dunning of all customers for whom nothing else is set."""
    return rules_of_all(config.dunning).policy


def policies_of(config: Client) -> Policies:
    """The client's dunning as the rules know it, for all customers and for single ones."""
    special = {number: rules.policy for number, rules in customer_rules(config).items()}
    return Policies(policy_of(config), {number: policy for number, policy in special.items() if policy.origin})


def customer_rules(config: Client) -> dict[str, Rules]:
    """By number, what holds for each customer of whom the file says how he is reminded."""
    return {
        number: rules_of_customer(config.dunning, one.dunning, number, known_kind(one))
        for number, one in config.customers.items()
        if one.dunning is not None
    }


def channel_for(config: Client, customer_number: str) -> Channel:
    """How documents reach a customer."""
    exception = exception_for(config, customer_number)
    return exception.channel or config.invoices.channel


def with_exceptions(config: Client, customer: Customer) -> Customer:
    """The customer as read from the source, with what the client set for the number."""
    return known_as(customer, exception_for(config, customer.number))


def exception_for(config: Client, customer_number: str) -> CustomerException:
    """What the client set for a customer number; nothing for all others."""
    return config.customers.get(customer_number, NO_EXCEPTION)


def xrechnung_for(config: Client, customer_number: str) -> Form:
    """In which syntax a customer with a Leitweg-ID gets his invoices."""
    return FORMS[exception_for(config, customer_number).xrechnung or config.invoices.xrechnung]
