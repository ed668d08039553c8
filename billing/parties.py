"""Who writes the invoice and who receives it."""

from dataclasses import dataclass
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
class Customer:
    """The recipient as the source knew him when it was read (BG-7); a snapshot, never updated in place.

    `external_id` is the contact's id in the source; empty for a one-time recipient.
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


@dataclass(frozen=True, slots=True)
class Seller:
    """The client as issuer of invoices (BG-4), with what § 14 (4) UStG and § 35a GmbHG want on paper."""

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
