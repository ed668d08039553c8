"""Seller and buyer in the electronic invoice of syntax UBL."""

from lxml import etree

from billing.parties import Address, Customer, ElectronicAddress, Seller
from documents.cii import compact
from documents.einvoice_facts import buyer_address, seller_address
from documents.einvoice_parties import company_details, own_id
from documents.german import one_line
from documents.ubl_words import leaf, node, within

VAT, OTHER_TAX = "VAT", "FC"


def seller_party(seller: Seller, creditor_id: str) -> etree._Element:
    """The seller (BG-4) with contact (BG-6); `creditor_id` is BT-90, only for direct debits."""
    return node(
        "cac:AccountingSupplierParty",
        node(
            "cac:Party",
            _endpoint(seller_address(seller)),
            within("cac:PartyIdentification", leaf("cbc:ID", own_id(seller))),
            within("cac:PartyIdentification", leaf("cbc:ID", creditor_id, schemeID="SEPA")),
            address_node("cac:PostalAddress", seller.address),
            _tax_scheme(VAT, compact(seller.vat_id)),
            _tax_scheme(OTHER_TAX, seller.tax_number),
            node(
                "cac:PartyLegalEntity",
                leaf("cbc:RegistrationName", one_line(seller.name)),
                leaf("cbc:CompanyID", seller.register_number),
                leaf("cbc:CompanyLegalForm", one_line(company_details(seller))),
            ),
            node(
                "cac:Contact",
                leaf("cbc:Name", one_line(seller.contact_name or seller.name)),
                leaf("cbc:Telephone", seller.phone),
                leaf("cbc:ElectronicMail", seller.email),
            ),
        ),
    )


def buyer_party(customer: Customer) -> etree._Element:
    """The buyer (BG-7)."""
    return node(
        "cac:AccountingCustomerParty",
        node(
            "cac:Party",
            _endpoint(buyer_address(customer)),
            within("cac:PartyIdentification", leaf("cbc:ID", customer.number)),
            address_node("cac:PostalAddress", customer.address),
            _tax_scheme(VAT, compact(customer.vat_id)),
            node(
                "cac:PartyLegalEntity",
                leaf("cbc:RegistrationName", one_line(customer.name)),
                leaf("cbc:CompanyID", customer.register_number),
            ),
        ),
    )


def address_node(name: str, address: Address) -> etree._Element:
    """A postal address (BG-5, BG-8, BG-15)."""
    return node(
        name,
        leaf("cbc:StreetName", one_line(address.street)),
        leaf("cbc:AdditionalStreetName", one_line(address.supplement)),
        leaf("cbc:CityName", one_line(address.city)),
        leaf("cbc:PostalZone", address.postcode),
        node("cac:Country", leaf("cbc:IdentificationCode", address.country_code)),
    )


def _endpoint(address: ElectronicAddress | None) -> etree._Element | None:
    return None if address is None else leaf("cbc:EndpointID", address.value, schemeID=address.scheme)


def _tax_scheme(scheme: str, number: str) -> etree._Element | None:
    return within("cac:PartyTaxScheme", leaf("cbc:CompanyID", number), node("cac:TaxScheme", leaf("cbc:ID", scheme)))
