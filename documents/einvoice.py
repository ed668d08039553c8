"""The electronic invoice: EN 16931 as UN/CEFACT CII, profile EN 16931 of ZUGFeRD/Factur-X (BT-24)."""

import re
from datetime import date
from decimal import Decimal

from lxml import etree

from billing.invoices import Draft, Invoice
from billing.jobs import TaxCase
from billing.parties import Address, Customer, Seller
from billing.terms import early_offer
from documents import german
from documents.einvoice_checks import check_schema, check_sums, check_totals
from documents.errors import InvalidEInvoice
from documents.net_prices import NetLine, Reduction, net_lines, reductions
from documents.taxes import Category, category

PROFILE = "urn:cen.eu:en16931:2017"
RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
NAMESPACES = {"rsm": RSM, "ram": RAM, "udt": UDT}

COMMERCIAL_INVOICE = "380"
SEPA_TRANSFER = "58"
DISCOUNT_CODE = "95"  # UNTDID 5189
UNITS = {
    "stunde": "HUR", "stunden": "HUR", "std": "HUR", "h": "HUR", "minute": "MIN", "minuten": "MIN", "min": "MIN",
    "tag": "DAY", "tage": "DAY", "monat": "MON", "monate": "MON",
    "m": "MTR", "meter": "MTR", "lfm": "MTR", "lfdm": "MTR", "m²": "MTK", "qm": "MTK", "m2": "MTK",
    "m³": "MTQ", "cbm": "MTQ", "m3": "MTQ", "km": "KMT", "cm": "CMT", "mm": "MMT",
    "kg": "KGM", "g": "GRM", "t": "TNE", "tonne": "TNE", "l": "LTR", "liter": "LTR",
    "stück": "H87", "stk": "H87", "st": "H87", "set": "SET",
    "pauschal": "LS", "pauschale": "LS", "psch": "LS",
}  # fmt: skip
ANY_UNIT = "C62"
_VAT_ID = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,12}")
_BUYER_NAMED = {TaxCase.REVERSE_CHARGE: "BR-AE-02", TaxCase.INTRA_COMMUNITY: "BR-IC-02"}
_SELLER_VAT_ID = {TaxCase.INTRA_COMMUNITY: "BR-IC-02", TaxCase.EXPORT: "BR-G-02"}


def invoice_xml(invoice: Invoice, seller: Seller) -> bytes:
    """The invoice as XML, valid by the official schema and with sums equal to its draft's to the cent.

    Raises `InvalidEInvoice` naming the rule when the facts do not allow a valid one.
    """
    _check_facts(invoice.draft, seller)
    root = _node(
        "rsm:CrossIndustryInvoice",
        _node(
            "rsm:ExchangedDocumentContext",
            _node("ram:GuidelineSpecifiedDocumentContextParameter", _text("ram:ID", PROFILE)),
        ),
        _document(invoice),
        _transaction(invoice, seller),
    )
    xml = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    check_schema(xml)
    check_sums(xml)
    check_totals(xml, invoice.draft.totals)
    return xml


def unit_code(unit: str) -> str:
    """The UN/ECE code (BT-130) of a German unit; `C62` (one) for what has none."""
    return UNITS.get(unit.strip().rstrip(".").lower(), ANY_UNIT)


def early_payment_terms(invoice: Invoice) -> str:
    """BT-20: the Skonto step in the XRechnung form (BR-DE-18) on a line of its own, then the words."""
    until = f"Zahlbar bis {german.day(invoice.due_date)} ohne Abzug."
    early = invoice.draft.terms.early_payment
    if early is None:
        return until
    offer = early_offer(invoice.draft.issue_date, invoice.draft.totals.gross, early)
    return (
        f"#SKONTO#TAGE={early.days}#PROZENT={early.percent:.2f}#\n"
        f"Bei Zahlung bis {german.day(offer.until)} {early.percent:f} % Skonto"
        f" ({_plain(offer.saving)} EUR). {until}"
    )


def _check_facts(draft: Draft, seller: Seller) -> None:
    """What the schema cannot see: facts about the parties that a tax case demands."""
    case, buyer = draft.tax_case, draft.customer
    if (seller.small_business or case is not TaxCase.STANDARD) and draft.totals.vat:
        raise InvalidEInvoice("§ 14c UStG", "Diese Rechnung darf keine Umsatzsteuer ausweisen. Bitte Steuersätze prüfen.")
    if not (seller.vat_id or seller.tax_number):
        raise InvalidEInvoice("BR-S-02", "Steuernummer oder USt-IdNr. des Rechnungsstellers fehlt.")
    if case in _BUYER_NAMED and not buyer.vat_id:
        raise InvalidEInvoice(_BUYER_NAMED[case], f"Die USt-IdNr. von {buyer.name} fehlt. Bitte beim Kunden ergänzen.")
    if case in _SELLER_VAT_ID and not seller.vat_id:
        raise InvalidEInvoice(_SELLER_VAT_ID[case], "Für diesen Steuerfall braucht der Rechnungssteller eine USt-IdNr.")
    for whose, vat_id in ((seller.name, seller.vat_id), (buyer.name, buyer.vat_id)):
        if vat_id and not _VAT_ID.fullmatch(_compact(vat_id)):
            raise InvalidEInvoice("BR-CO-09", f"Die USt-IdNr. {vat_id} von {whose} beginnt nicht mit einem Länderkürzel.")


def _document(invoice: Invoice) -> etree._Element:
    draft = invoice.draft
    notes = (draft.title, draft.introduction, draft.remark, f"Vorgang {draft.marker}")
    return _node(
        "rsm:ExchangedDocument",
        _text("ram:ID", invoice.number),
        _text("ram:TypeCode", COMMERCIAL_INVOICE),
        _date("ram:IssueDateTime", draft.issue_date),
        *(_node("ram:IncludedNote", _text("ram:Content", note)) for note in notes if german.clean(note)),
    )


def _transaction(invoice: Invoice, seller: Seller) -> etree._Element:
    draft = invoice.draft
    lines = net_lines(draft)
    return _node(
        "rsm:SupplyChainTradeTransaction",
        *(_line(at, line, draft, seller) for at, line in enumerate(lines, 1)),
        _agreement(draft, seller),
        _delivery(draft),
        _settlement(invoice, seller, lines),
    )


def _line(position: int, line: NetLine, draft: Draft, seller: Seller) -> etree._Element:
    notes = (_node("ram:IncludedNote", _text("ram:Content", text)) for text in line.texts if german.clean(text))
    return _node(
        "ram:IncludedSupplyChainTradeLineItem",
        _node("ram:AssociatedDocumentLineDocument", _text("ram:LineID", str(position)), *notes),
        _node(
            "ram:SpecifiedTradeProduct",
            _text("ram:Name", german.one_line(line.line.name) or "Leistung"),
            _text("ram:Description", line.line.description),
        ),
        _node(
            "ram:SpecifiedLineTradeAgreement",
            _node("ram:NetPriceProductTradePrice", _text("ram:ChargeAmount", _number(line.unit_price, 2))),
        ),
        _node(
            "ram:SpecifiedLineTradeDelivery",
            _text("ram:BilledQuantity", _number(line.quantity), unitCode=unit_code(line.line.unit)),
        ),
        _node(
            "ram:SpecifiedLineTradeSettlement",
            _tax(_category(line.rate, draft, seller), line.rate),
            _line_reduction(line),
            _node(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                _text("ram:LineTotalAmount", _plain(line.amount)),
            ),
        ),
    )


def _line_reduction(line: NetLine) -> etree._Element | None:
    if not line.reduction:
        return None
    return _node(
        "ram:SpecifiedTradeAllowanceCharge",
        _indicator(is_charge=line.reduction < 0),
        _text("ram:ActualAmount", _plain(abs(line.reduction))),
        _text("ram:ReasonCode", DISCOUNT_CODE if line.reduction > 0 else ""),
        _text("ram:Reason", f"Rabatt {_number(line.line.discount_percent)} %"),
    )


def _agreement(draft: Draft, seller: Seller) -> etree._Element:
    order = _node("ram:SellerOrderReferencedDocument", _text("ram:IssuerAssignedID", draft.order_number))
    return _node(
        "ram:ApplicableHeaderTradeAgreement",
        _text("ram:BuyerReference", draft.customer.buyer_reference),
        _seller(seller),
        _buyer(draft.customer),
        order if draft.order_number else None,
    )


def _seller(seller: Seller) -> etree._Element:
    # BR-CO-26 wants BT-29, BT-30 or BT-31; without register and VAT id the tax number has to serve as identifier.
    needs_id = not (seller.vat_id or seller.register_number)
    return _node(
        "ram:SellerTradeParty",
        _text("ram:ID", seller.tax_number if needs_id else ""),
        _text("ram:Name", german.one_line(seller.name)),
        _text("ram:Description", german.one_line(company_details(seller))),
        _node("ram:SpecifiedLegalOrganization", _text("ram:ID", seller.register_number))
        if seller.register_number
        else None,
        _node(
            "ram:DefinedTradeContact",
            _text("ram:PersonName", german.one_line(seller.contact_name or seller.name)),
            _node("ram:TelephoneUniversalCommunication", _text("ram:CompleteNumber", seller.phone))
            if seller.phone
            else None,
            _node("ram:EmailURIUniversalCommunication", _text("ram:URIID", seller.email)) if seller.email else None,
        ),
        _address(seller.address),
        _electronic_address(seller.email),
        _registration("VA", seller.vat_id),
        _registration("FC", seller.tax_number),
    )


def company_details(seller: Seller) -> str:
    """Seat, register and directors as § 35a GmbHG wants them (BT-33); empty for who has no register entry."""
    if not seller.register_number:
        return ""
    parts = [f"Sitz {seller.address.city}", f"{seller.register_court} {seller.register_number}".strip()]
    if seller.managing_directors:
        parts.append(f"Geschäftsführung: {', '.join(seller.managing_directors)}")
    return "; ".join(parts)


def _buyer(customer: Customer) -> etree._Element:
    return _node(
        "ram:BuyerTradeParty",
        _text("ram:ID", customer.number),
        _text("ram:Name", german.one_line(customer.name)),
        _address(customer.address),
        _electronic_address(customer.email),
        _registration("VA", customer.vat_id),
    )


def _address(address: Address) -> etree._Element:
    return _node(
        "ram:PostalTradeAddress",
        _text("ram:PostcodeCode", address.postcode),
        _text("ram:LineOne", german.one_line(address.street)),
        _text("ram:LineTwo", german.one_line(address.supplement)),
        _text("ram:CityName", german.one_line(address.city)),
        _text("ram:CountryID", address.country_code),
    )


def _electronic_address(email: str) -> etree._Element | None:
    if not email:
        return None
    return _node("ram:URIUniversalCommunication", _text("ram:URIID", email, schemeID="EM"))


def _registration(scheme: str, number: str) -> etree._Element | None:
    if not number:
        return None
    plain = _compact(number) if scheme == "VA" else number
    return _node("ram:SpecifiedTaxRegistration", _text("ram:ID", plain, schemeID=scheme))


def _delivery(draft: Draft) -> etree._Element:
    # BR-IC-12 wants the country the goods went to (BT-80).
    ship_to = (
        _node("ram:ShipToTradeParty", _address(draft.customer.address))
        if draft.tax_case is TaxCase.INTRA_COMMUNITY
        else None
    )
    performed = (
        _node("ram:ActualDeliverySupplyChainEvent", _date("ram:OccurrenceDateTime", draft.performed_until))
        if draft.performed_from == draft.performed_until
        else None
    )
    return _node("ram:ApplicableHeaderTradeDelivery", ship_to, performed)


def _settlement(invoice: Invoice, seller: Seller, lines: tuple[NetLine, ...]) -> etree._Element:
    draft = invoice.draft
    off = reductions(draft)
    return _node(
        "ram:ApplicableHeaderTradeSettlement",
        _text("ram:PaymentReference", invoice.number),
        _text("ram:InvoiceCurrencyCode", draft.currency),
        _payment_means(seller),
        *_breakdown(draft, seller),
        _period(draft),
        *(_document_reduction(reduction, draft, seller) for reduction in off),
        _node(
            "ram:SpecifiedTradePaymentTerms",
            _text("ram:Description", early_payment_terms(invoice)),
            _date("ram:DueDateDateTime", invoice.due_date),
        ),
        _sums(draft, lines, off),
    )


def _payment_means(seller: Seller) -> etree._Element:
    bank = _node("ram:PayeeSpecifiedCreditorFinancialInstitution", _text("ram:BICID", _compact(seller.bic)))
    return _node(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        _text("ram:TypeCode", SEPA_TRANSFER),
        _node(
            "ram:PayeePartyCreditorFinancialAccount",
            _text("ram:IBANID", _compact(seller.iban)),
            _text("ram:AccountName", german.one_line(seller.account_holder or seller.name)),
        ),
        bank if seller.bic else None,
    )


def _breakdown(draft: Draft, seller: Seller) -> list[etree._Element]:
    found = []
    for group in draft.totals.groups:
        kind = _category(group.rate, draft, seller)
        found.append(
            _node(
                "ram:ApplicableTradeTax",
                _text("ram:CalculatedAmount", _plain(group.vat)),
                _text("ram:TypeCode", "VAT"),
                _text("ram:ExemptionReason", kind.reason),
                _text("ram:BasisAmount", _plain(group.net)),
                _text("ram:CategoryCode", kind.code),
                _text("ram:ExemptionReasonCode", kind.reason_code),
                _text("ram:RateApplicablePercent", _number(group.rate, 2)),
            )
        )
    return found


def _period(draft: Draft) -> etree._Element | None:
    if draft.performed_from == draft.performed_until:
        return None
    return _node(
        "ram:BillingSpecifiedPeriod",
        _date("ram:StartDateTime", draft.performed_from),
        _date("ram:EndDateTime", draft.performed_until),
    )


def _document_reduction(reduction: Reduction, draft: Draft, seller: Seller) -> etree._Element:
    return _node(
        "ram:SpecifiedTradeAllowanceCharge",
        _indicator(is_charge=reduction.amount < 0),
        _text("ram:ActualAmount", _plain(abs(reduction.amount))),
        _text("ram:ReasonCode", DISCOUNT_CODE if reduction.amount > 0 else ""),
        _text("ram:Reason", _discount_words(draft)),
        _tax(_category(reduction.rate, draft, seller), reduction.rate, name="ram:CategoryTradeTax"),
    )


def _discount_words(draft: Draft) -> str:
    return f"Rabatt {_number(draft.discount.percent)} %" if draft.discount.percent else "Rabatt"


def _sums(draft: Draft, lines: tuple[NetLine, ...], off: tuple[Reduction, ...]) -> etree._Element:
    allowances = sum((part.amount for part in off if part.amount > 0), Decimal("0.00"))
    charges = sum((-part.amount for part in off if part.amount < 0), Decimal("0.00"))
    totals = draft.totals
    return _node(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        _text("ram:LineTotalAmount", _plain(sum((line.amount for line in lines), Decimal("0.00")))),
        _text("ram:ChargeTotalAmount", _plain(charges)),
        _text("ram:AllowanceTotalAmount", _plain(allowances)),
        _text("ram:TaxBasisTotalAmount", _plain(totals.net)),
        _text("ram:TaxTotalAmount", _plain(totals.vat), currencyID=draft.currency),
        _text("ram:GrandTotalAmount", _plain(totals.gross)),
        _text("ram:DuePayableAmount", _plain(totals.gross)),
    )


def _category(rate: Decimal, draft: Draft, seller: Seller) -> Category:
    return category(draft.tax_case, rate, small_business=seller.small_business)


def _tax(kind: Category, rate: Decimal, name: str = "ram:ApplicableTradeTax") -> etree._Element:
    return _node(
        name,
        _text("ram:TypeCode", "VAT"),
        _text("ram:CategoryCode", kind.code),
        _text("ram:RateApplicablePercent", _number(rate, 2)),
    )


def _indicator(*, is_charge: bool) -> etree._Element:
    return _node("ram:ChargeIndicator", _text("udt:Indicator", "true" if is_charge else "false"))


def _date(name: str, day: date) -> etree._Element:
    return _node(name, _text("udt:DateTimeString", f"{day:%Y%m%d}", format="102"))


def _node(name: str, *children: etree._Element | None) -> etree._Element:
    """An element with those children that are there."""
    element = etree.Element(_qualified(name), nsmap=NAMESPACES)
    element.extend([child for child in children if child is not None])
    return element


def _text(name: str, text: str, **attributes: str) -> etree._Element | None:
    """An element with text, or nothing if there is no text: empty elements are forbidden."""
    plain = german.clean(text)
    if not plain:
        return None
    element = etree.Element(_qualified(name), attributes)
    element.text = plain
    return element


def _qualified(name: str) -> str:
    prefix, local = name.split(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def _plain(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _number(value: Decimal, places: int = 0) -> str:
    """A number with all of its places, at least `places`, without an exponent."""
    text = f"{value.normalize() + 0:f}"
    have = len(text.partition(".")[2])
    return text if have >= places else f"{value:.{places}f}"


def _compact(number: str) -> str:
    return "".join(number.split()).upper()
