"""Who writes the invoice and who receives it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class CustomerKind(StrEnum):
    """Decides about default, interest and e-invoice duty. Unknown means consumer, the careful reading (§ 13 BGB)."""

    CONSUMER = "consumer"
    BUSINESS = "business"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address. `supplement` is a second line such as a building or department."""

    street: str = ""
    postcode: str = ""
    city: str = ""
    country_code: str = "DE"
    supplement: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether a letter could reach it: § 14 (4) no. 1 UStG wants the full address."""
        return bool(self.street.strip() and self.postcode.strip() and self.city.strip())


@dataclass(frozen=True, slots=True)
class ElectronicAddress:
    """Where e-invoices are delivered (BT-34, BT-49): `value` in the scheme of the EAS code list, "EM" is e-mail."""

    value: str
    scheme: str = "EM"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of the tax office, valid from and until these days, both included; no start means always was."""

    number: str
    valid_until: date
    valid_from: date | None = None

    def covers(self, day: date) -> bool:
        """Whether it is valid on that day."""
        return (self.valid_from is None or self.valid_from <= day) and day <= self.valid_until


@dataclass(frozen=True, slots=True)
class Customer:
    """The recipient as the source knew him when it was read (BG-7); a snapshot, never updated in place.

    `external_id` is the contact's id in the source; empty for a one-time recipient. `buyer_reference` is BT-10, for
    public customers the Leitweg-ID. `register_number` is BT-47. `reverse_charge` is his certificate USt 1 TG, which
    says that he owes the VAT on construction and cleaning work (§ 13b (5) UStG).
    """

    external_id: str
    name: str
    address: Address
    kind: CustomerKind = CustomerKind.CONSUMER
    email: str = ""
    number: str = ""
    vat_id: str = ""
    buyer_reference: str = ""
    language: str = "de"
    register_number: str = ""
    electronic_address: ElectronicAddress | None = None
    reverse_charge: Certificate | None = None

    @property
    def key(self) -> str:
        """What everything about him is kept under: his number, without one his name."""
        return self.number or self.name


@dataclass(frozen=True, slots=True)
class Seller:
    """The client as issuer of invoices (BG-4), with what § 14 (4) UStG and § 35a GmbHG want on paper.

    `withholding_exemption` is the Freistellungsbescheinigung of § 48b EStG. `creditor_id` is BT-90, for direct debits.
    """

    name: str
    address: Address
    tax_number: str
    vat_id: str
    email: str
    phone: str
    iban: str
    bic: str = ""
    bank_name: str = ""
    account_holder: str = ""
    contact_name: str = ""
    website: str = ""
    register_court: str = ""
    register_number: str = ""
    managing_directors: tuple[str, ...] = ()
    small_business: bool = False
    electronic_address: ElectronicAddress | None = None
    withholding_exemption: Certificate | None = None
    creditor_id: str = ""
