"""What a client says about single customers, by customer number: it wins over what the source knows."""

from dataclasses import replace
from typing import Literal

from pydantic import Field

from billing.einvoice_duty import Form
from billing.invoices import Channel, Payment, PaymentMeans
from billing.leitweg import is_leitweg_id
from billing.parties import Customer, CustomerKind
from config.certificates import CertificateSection, certificate_of
from config.dunning import CustomerDunning
from config.fields import Colour, DaysUntilDue, Iban, MailAddress, Mandate, Reference, Text, VatId
from config.section import Section

Syntax = Literal["ubl", "cii"]
FORMS = {"ubl": Form.XRECHNUNG_UBL, "cii": Form.XRECHNUNG_CII}


class DirectDebitSection(Section):
    """A SEPA mandate: this customer's invoices are debited instead of transferred."""

    mandate: Mandate = Field(description="Mandatsreferenz", examples=['"M-10307"'])
    iban: Iban = Field(description="Konto des Kunden, von dem eingezogen wird", examples=["DE02120300000000202051"])


class CustomerLook(Section):
    """How one customer's documents look different; None means as for all."""

    accent: Colour | None = Field(None, description="Farbe für Linien und Überschriften", examples=['"#0b5d4e"'])
    logo: Text | None = Field(None, description="Logo (SVG, PNG), Pfad neben dieser Datei")
    templates: Text | None = Field(None, description="Ordner mit Vorlagen für diesen Kunden, Pfad neben dieser Datei")
    footer: tuple[Text, ...] | None = Field(None, max_length=6, description="Zusätzliche Zeilen der Fußzeile")
    closing: Text | None = Field(None, description="Schlusssatz der Rechnung")


class CustomerException(Section):
    """What is different for one customer; None means as for all."""

    kind: CustomerKind | None = Field(None, description="Verbraucher, Unternehmen oder Behörde", examples=["business"])
    email: MailAddress | None = Field(None, description="Rechnungsadresse", examples=["rechnung@kunde.de"])
    channel: Channel | None = Field(None, description="Versandweg: mail, post oder none", examples=["post"])
    days_until_due: DaysUntilDue | None = Field(None, description="Zahlungsziel in Tagen", examples=[30])
    language: Literal["de", "en"] | None = Field(None, description="Sprache der Belege", examples=["en"])
    vat_id: VatId | None = Field(None, description="USt-IdNr. des Kunden", examples=["DE136695976"])
    buyer_reference: Reference | None = Field(
        None, description="Leitweg-ID oder Käuferreferenz (BT-10)", examples=['"04011000-1234512345-06"']
    )
    xrechnung: Syntax | None = Field(None, description="Schreibweise der XRechnung: ubl oder cii", examples=["cii"])
    reverse_charge: CertificateSection | None = Field(
        None, description="Nachweis USt 1 TG: schuldet die Umsatzsteuer auf Bauleistungen selbst (§ 13b UStG)"
    )
    direct_debit: DirectDebitSection | None = Field(None, description="SEPA-Mandat: Rechnungen werden eingezogen")
    dunning: CustomerDunning | None = Field(None, description="Wie dieser Kunde erinnert wird, oder seine Kundengruppe")
    look: CustomerLook = Field(default_factory=CustomerLook, description="Eigenes Aussehen der Belege")


NO_EXCEPTION = CustomerException()


def known_as(customer: Customer, exception: CustomerException) -> Customer:
    """The customer as read from the source, with what the client set; a Leitweg-ID makes him a public customer."""
    reference = exception.buyer_reference or customer.buyer_reference
    return replace(
        customer,
        kind=known_kind(exception) or customer.kind,
        email=exception.email or customer.email,
        vat_id=exception.vat_id or customer.vat_id,
        buyer_reference=reference,
        language=exception.language or customer.language,
        reverse_charge=certificate_of(exception.reverse_charge) or customer.reverse_charge,
    )


def known_kind(exception: CustomerException) -> CustomerKind | None:
    """What kind of customer the client says this is; None where only the source knows."""
    is_public = exception.buyer_reference is not None and is_leitweg_id(exception.buyer_reference)
    return exception.kind or (CustomerKind.PUBLIC if is_public else None)


def payment_by(exception: CustomerException) -> Payment:
    """How this customer pays: by direct debit with a mandate, else by transfer."""
    debit = exception.direct_debit
    return Payment(PaymentMeans.DIRECT_DEBIT, debit.mandate, debit.iban) if debit else Payment()
