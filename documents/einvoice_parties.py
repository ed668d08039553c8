"""Seller and buyer in the electronic invoice of syntax CII."""

from lxml import etree

from billing.parties import Address, Customer, ElectronicAddress, Seller
from documents.cii import compact, leaf, node
from documents.einvoice_facts import buyer_address, seller_address
from documents.german import one_line


def seller_party(seller: Seller) -> etree._Element:
    """The seller (BG-4) with contact (BG-6), register and tax numbers."""
    return node(
        "ram:SellerTradeParty",
        leaf("ram:ID", own_id(seller)),
        leaf("ram:Name", one_line(seller.name)),
        leaf("ram:Description", one_line(company_details(seller))),
        node("ram:SpecifiedLegalOrganization", leaf("ram:ID", seller.register_number))
        if seller.register_number
        else None,
        node(
            "ram:DefinedTradeContact",
            leaf("ram:PersonName", one_line(seller.contact_name or seller.name)),
            node("ram:TelephoneUniversalCommunication", leaf("ram:CompleteNumber", seller.phone))
            if seller.phone
            else None,
            node("ram:EmailURIUniversalCommunication", leaf("ram:URIID", seller.email)) if seller.email else None,
        ),
        address_node(seller.address),
        _electronic_address(seller_address(seller)),
        _registration("VA", seller.vat_id),
        _registration("FC", seller.tax_number),
    )


def own_id(seller: Seller) -> str:
    """BT-29: BR-CO-26 wants it, BT-30 or BT-31; without register and VAT id the tax number has to serve."""
    return "" if seller.vat_id or seller.register_number else seller.tax_number


def company_details(seller: Seller) -> str:
    """Seat, register and directors as § 35a GmbHG wants them (BT-33); empty for who has no register entry."""
    if not seller.register_number:
        return ""
    parts = [f"Sitz {seller.address.city}", f"{seller.register_court} {seller.register_number}".strip()]
    if seller.managing_directors:
        parts.append(f"Geschäftsführung: {', '.join(seller.managing_directors)}")
    return "; ".join(parts)


def buyer_party(customer: Customer) -> etree._Element:
    """The buyer (BG-7)."""
    return node(
        "ram:BuyerTradeParty",
        leaf("ram:ID", customer.number),
        leaf("ram:Name", one_line(customer.name)),
        node("ram:SpecifiedLegalOrganization", leaf("ram:ID", customer.register_number))
        if customer.register_number
        else None,
        address_node(customer.address),
        _electronic_address(buyer_address(customer)),
        _registration("VA", customer.vat_id),
    )


def address_node(address: Address) -> etree._Element:
    """A postal address (BG-5, BG-8, BG-15)."""
    return node(
        "ram:PostalTradeAddress",
        leaf("ram:PostcodeCode", address.postcode),
        leaf("ram:LineOne", one_line(address.street)),
        leaf("ram:LineTwo", one_line(address.supplement)),
        leaf("ram:CityName", one_line(address.city)),
        leaf("ram:CountryID", address.country_code),
    )


def _electronic_address(address: ElectronicAddress | None) -> etree._Element | None:
    if address is None:
        return None
    return node("ram:URIUniversalCommunication", leaf("ram:URIID", address.value, schemeID=address.scheme))


def _registration(scheme: str, number: str) -> etree._Element | None:
    if not number:
        return None
    plain = compact(number) if scheme == "VA" else number
    return node("ram:SpecifiedTaxRegistration", leaf("ram:ID", plain, schemeID=scheme))
