"""What every letter shows, whatever it is about: who writes, who receives, where to pay; as finished strings."""

from dataclasses import dataclass
from decimal import Decimal

from billing.parties import Customer, Seller
from documents import german
from documents.errors import AddressTooLong
from documents.fonts import width, wrapped
from documents.german import clean, one_line
from documents.girocode import payload, png

GIRO_ADDRESS = "asset:girocode"
ADDRESS_LINES = 6
# Size in points and the lines that fit into the 27 mm of the address zone; widths and heights as in letter.css.j2.
ORDINARY_PRINT, SMALL_PRINT = (10.5, 6), (8.5, 7)
ADDRESS_WIDTH = 80  # millimetres


@dataclass(frozen=True, slots=True)
class Giro:
    """The GiroCode: a picture at the address by which the page asks for it."""

    address: str
    text: str

    @property
    def picture(self) -> bytes:
        """The code as PNG, drawn when a page asks for it: a mail's text shows none."""
        return png(self.text)


@dataclass(frozen=True, slots=True)
class SellerView:
    """The seller's data, cleaned. `return_line` goes above the recipient, `register` is empty without an entry."""

    name: str
    return_line: str
    street: str
    place: str
    contact_name: str
    phone: str
    email: str
    website: str
    account_holder: str
    bank_name: str
    iban: str
    bic: str
    tax_number: str
    vat_id: str
    seat: str
    register: str
    directors: str


def seller_view(seller: Seller) -> SellerView:
    """The seller's data for letterhead, footer and mails."""
    name, street = one_line(seller.name), one_line(seller.address.street)
    place = one_line(f"{seller.address.postcode} {seller.address.city}")
    return SellerView(
        name=name,
        return_line=" · ".join((name, street, place)),
        street=street,
        place=place,
        contact_name=one_line(seller.contact_name),
        phone=one_line(seller.phone),
        email=one_line(seller.email),
        website=one_line(seller.website),
        account_holder=one_line(seller.account_holder or seller.name),
        bank_name=one_line(seller.bank_name),
        iban=german.iban_groups(seller.iban),
        bic=one_line(seller.bic),
        tax_number=one_line(seller.tax_number),
        vat_id=one_line(seller.vat_id),
        seat=one_line(seller.address.city),
        register=one_line(f"{seller.register_court} {seller.register_number}"),
        directors=one_line(", ".join(seller.managing_directors)),
    )


def address_lines(customer: Customer) -> tuple[str, ...]:
    """The recipient as DIN 5008 wants it: at most six lines, no blank ones, the country last and only abroad."""
    address = customer.address
    names = [one_line(part) for part in clean(customer.name).split("\n")]
    rest = [one_line(address.supplement), one_line(address.street), one_line(f"{address.postcode} {address.city}")]
    rest.append(german.country(address.country_code))
    below = [line for line in rest if line]
    return (*[name for name in names if name][: ADDRESS_LINES - len(below)], *below)


def is_crowded(lines: tuple[str, ...]) -> bool:
    """Whether the recipient needs small print to stay in the address zone. Raises `AddressTooLong` if even that fails.

    All characters must be in our fonts.
    """
    if _fits(lines, *ORDINARY_PRINT):
        return False
    if _fits(lines, *SMALL_PRINT):
        return True
    raise AddressTooLong(lines)


def giro_view(seller: Seller, amount: Decimal, reference: str) -> Giro | None:
    """The GiroCode for `amount`, or None when there is nothing to transfer."""
    text = payload(seller, amount, reference)
    return Giro(GIRO_ADDRESS, text) if text else None


def paragraphs(text: str) -> tuple[str, ...]:
    """Cleaned text as paragraphs, split at line feeds."""
    return tuple(line for part in clean(text).split("\n") if (line := part.strip()))


def _fits(lines: tuple[str, ...], points: float, allowed: int) -> bool:
    words = (word for line in lines for word in line.split(" "))
    if any(width(word, points) > ADDRESS_WIDTH for word in words):
        return False
    return sum(wrapped(line, points, ADDRESS_WIDTH) for line in lines) <= allowed
