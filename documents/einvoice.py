"""The electronic invoice: EN 16931 as UN/CEFACT CII, profile EN 16931 of ZUGFeRD/Factur-X (BT-24)."""

import re
from decimal import Decimal

from lxml import etree
from stdnum import iban

from billing.invoices import Draft, Invoice
from billing.jobs import TaxCase
from billing.parties import Seller
from billing.terms import early_offer
from documents import german
from documents.cii import compact, day_node, indicator, leaf, node, number, plain, tax_node
from documents.einvoice_checks import check_schema, check_sums, check_totals
from documents.einvoice_parties import address_node, buyer_party, seller_party
from documents.errors import InvalidEInvoice
from documents.net_prices import NetLine, Reduction, net_lines, reductions
from documents.taxes import Category, category

PROFILE = "urn:cen.eu:en16931:2017"

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
_COUNTRY = re.compile(r"[A-Z]{2}")
_VAT_ID = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,12}")
_BUYER_NAMED = {TaxCase.REVERSE_CHARGE: "BR-AE-02", TaxCase.INTRA_COMMUNITY: "BR-IC-02"}
_SELLER_VAT_ID = {TaxCase.INTRA_COMMUNITY: "BR-IC-02", TaxCase.EXPORT: "BR-G-02"}


def invoice_xml(invoice: Invoice, seller: Seller) -> bytes:
    """The invoice as XML, valid by the official schema and with sums equal to its draft's to the cent.

    Raises `InvalidEInvoice` naming the rule when the facts do not allow a valid one.
    """
    _check_contents(invoice, seller)
    _check_facts(invoice.draft, seller)
    root = node(
        "rsm:CrossIndustryInvoice",
        node(
            "rsm:ExchangedDocumentContext",
            node("ram:GuidelineSpecifiedDocumentContextParameter", leaf("ram:ID", PROFILE)),
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
        f" ({plain(offer.saving)} EUR). {until}"
    )


def _check_contents(invoice: Invoice, seller: Seller) -> None:
    """What every invoice must hold and the schema does not ask for (§ 14 (4) UStG; BR-02 to BR-16)."""
    buyer = invoice.draft.customer
    needed = (
        ("BR-02", "die Rechnungsnummer", invoice.number),
        ("BR-06", "der Name des Rechnungsstellers", seller.name),
        ("BR-07", "der Name des Kunden", buyer.name),
        ("BR-08", "die vollständige Anschrift des Rechnungsstellers", seller.address.is_complete),
        ("BR-10", f"die vollständige Anschrift von {buyer.name}", buyer.address.is_complete),
        ("BR-09", "das Land des Rechnungsstellers (zwei Buchstaben)", _COUNTRY.fullmatch(seller.address.country_code)),
        ("BR-11", f"das Land von {buyer.name} (zwei Buchstaben)", _COUNTRY.fullmatch(buyer.address.country_code)),
        ("BR-16", "mindestens eine Position mit Preis", any(not line.is_text for line in invoice.draft.lines)),
        ("BR-61", "eine gültige IBAN des Rechnungsstellers", iban.is_valid(seller.iban)),
        ("BR-S-02", "Steuernummer oder USt-IdNr. des Rechnungsstellers", seller.vat_id or seller.tax_number),
    )
    for rule, what, is_there in needed:
        if not is_there:
            raise InvalidEInvoice(rule, f"Es fehlt {what}. Bitte ergänzen.")


def _check_facts(draft: Draft, seller: Seller) -> None:
    """What the schema cannot see: facts about the parties that a tax case demands."""
    case, buyer = draft.tax_case, draft.customer
    if (seller.small_business or case is not TaxCase.STANDARD) and draft.totals.vat:
        raise InvalidEInvoice("§ 14c UStG", "Diese Rechnung darf keine Umsatzsteuer ausweisen.")
    if case in _BUYER_NAMED and not buyer.vat_id:
        raise InvalidEInvoice(_BUYER_NAMED[case], f"Die USt-IdNr. von {buyer.name} fehlt. Bitte beim Kunden ergänzen.")
    if case in _SELLER_VAT_ID and not seller.vat_id:
        raise InvalidEInvoice(_SELLER_VAT_ID[case], "Für diesen Steuerfall braucht der Rechnungssteller eine USt-IdNr.")
    for whose, vat_id in ((seller.name, seller.vat_id), (buyer.name, buyer.vat_id)):
        if vat_id and not _VAT_ID.fullmatch(compact(vat_id)):
            raise InvalidEInvoice("BR-CO-09", f"Die USt-IdNr. {vat_id} von {whose} beginnt nicht mit dem Land.")


def _document(invoice: Invoice) -> etree._Element:
    draft = invoice.draft
    notes = (draft.title, draft.introduction, draft.remark, f"Vorgang {draft.marker}")
    return node(
        "rsm:ExchangedDocument",
        leaf("ram:ID", invoice.number),
        leaf("ram:TypeCode", COMMERCIAL_INVOICE),
        day_node("ram:IssueDateTime", draft.issue_date),
        *(node("ram:IncludedNote", leaf("ram:Content", note)) for note in notes if german.clean(note)),
    )


def _transaction(invoice: Invoice, seller: Seller) -> etree._Element:
    draft = invoice.draft
    lines = net_lines(draft)
    return node(
        "rsm:SupplyChainTradeTransaction",
        *(_line(at, line, draft, seller) for at, line in enumerate(lines, 1)),
        _agreement(draft, seller),
        _delivery(draft),
        _settlement(invoice, seller, lines),
    )


def _line(position: int, line: NetLine, draft: Draft, seller: Seller) -> etree._Element:
    notes = (node("ram:IncludedNote", leaf("ram:Content", text)) for text in line.texts if german.clean(text))
    return node(
        "ram:IncludedSupplyChainTradeLineItem",
        node("ram:AssociatedDocumentLineDocument", leaf("ram:LineID", str(position)), *notes),
        node(
            "ram:SpecifiedTradeProduct",
            leaf("ram:Name", german.one_line(line.line.name) or "Leistung"),
            leaf("ram:Description", line.line.description),
        ),
        node(
            "ram:SpecifiedLineTradeAgreement",
            node("ram:NetPriceProductTradePrice", leaf("ram:ChargeAmount", number(line.unit_price, 2))),
        ),
        node(
            "ram:SpecifiedLineTradeDelivery",
            leaf("ram:BilledQuantity", number(line.quantity), unitCode=unit_code(line.line.unit)),
        ),
        node(
            "ram:SpecifiedLineTradeSettlement",
            tax_node("ram:ApplicableTradeTax", _category(line.rate, draft, seller), line.rate),
            _line_reduction(line),
            node(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                leaf("ram:LineTotalAmount", plain(line.amount)),
            ),
        ),
    )


def _line_reduction(line: NetLine) -> etree._Element | None:
    if not line.reduction:
        return None
    return node(
        "ram:SpecifiedTradeAllowanceCharge",
        indicator(is_charge=line.reduction < 0),
        leaf("ram:ActualAmount", plain(abs(line.reduction))),
        leaf("ram:ReasonCode", DISCOUNT_CODE if line.reduction > 0 else ""),
        leaf("ram:Reason", f"Rabatt {number(line.line.discount_percent)} %"),
    )


def _agreement(draft: Draft, seller: Seller) -> etree._Element:
    order = node("ram:SellerOrderReferencedDocument", leaf("ram:IssuerAssignedID", draft.order_number))
    return node(
        "ram:ApplicableHeaderTradeAgreement",
        leaf("ram:BuyerReference", draft.customer.buyer_reference),
        seller_party(seller),
        buyer_party(draft.customer),
        order if draft.order_number else None,
    )


def _delivery(draft: Draft) -> etree._Element:
    # BR-IC-12 wants the country the goods went to (BT-80).
    ship_to = (
        node("ram:ShipToTradeParty", address_node(draft.customer.address))
        if draft.tax_case is TaxCase.INTRA_COMMUNITY
        else None
    )
    # With a period, too: without this date the element, which the schema demands, would be empty.
    performed = node("ram:ActualDeliverySupplyChainEvent", day_node("ram:OccurrenceDateTime", draft.performed_until))
    return node("ram:ApplicableHeaderTradeDelivery", ship_to, performed)


def _settlement(invoice: Invoice, seller: Seller, lines: tuple[NetLine, ...]) -> etree._Element:
    draft = invoice.draft
    off = reductions(draft)
    return node(
        "ram:ApplicableHeaderTradeSettlement",
        leaf("ram:PaymentReference", invoice.number),
        leaf("ram:InvoiceCurrencyCode", draft.currency),
        _payment_means(seller),
        *_breakdown(draft, seller),
        _period(draft),
        *(_document_reduction(reduction, draft, seller) for reduction in off),
        node(
            "ram:SpecifiedTradePaymentTerms",
            leaf("ram:Description", early_payment_terms(invoice)),
            day_node("ram:DueDateDateTime", invoice.due_date),
        ),
        _sums(draft, lines, off),
    )


def _payment_means(seller: Seller) -> etree._Element:
    bank = node("ram:PayeeSpecifiedCreditorFinancialInstitution", leaf("ram:BICID", compact(seller.bic)))
    return node(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        leaf("ram:TypeCode", SEPA_TRANSFER),
        node(
            "ram:PayeePartyCreditorFinancialAccount",
            leaf("ram:IBANID", compact(seller.iban)),
            leaf("ram:AccountName", german.one_line(seller.account_holder or seller.name)),
        ),
        bank if seller.bic else None,
    )


def _breakdown(draft: Draft, seller: Seller) -> list[etree._Element]:
    found = []
    for group in draft.totals.groups:
        kind = _category(group.rate, draft, seller)
        found.append(
            node(
                "ram:ApplicableTradeTax",
                leaf("ram:CalculatedAmount", plain(group.vat)),
                leaf("ram:TypeCode", "VAT"),
                leaf("ram:ExemptionReason", kind.reason),
                leaf("ram:BasisAmount", plain(group.net)),
                leaf("ram:CategoryCode", kind.code),
                leaf("ram:ExemptionReasonCode", kind.reason_code),
                leaf("ram:RateApplicablePercent", number(group.rate, 2)),
            )
        )
    return found


def _period(draft: Draft) -> etree._Element | None:
    if draft.performed_from == draft.performed_until:
        return None
    return node(
        "ram:BillingSpecifiedPeriod",
        day_node("ram:StartDateTime", draft.performed_from),
        day_node("ram:EndDateTime", draft.performed_until),
    )


def _document_reduction(reduction: Reduction, draft: Draft, seller: Seller) -> etree._Element:
    return node(
        "ram:SpecifiedTradeAllowanceCharge",
        indicator(is_charge=reduction.amount < 0),
        leaf("ram:ActualAmount", plain(abs(reduction.amount))),
        leaf("ram:ReasonCode", DISCOUNT_CODE if reduction.amount > 0 else ""),
        leaf("ram:Reason", _discount_words(draft)),
        tax_node("ram:CategoryTradeTax", _category(reduction.rate, draft, seller), reduction.rate),
    )


def _discount_words(draft: Draft) -> str:
    return f"Rabatt {number(draft.discount.percent)} %" if draft.discount.percent else "Rabatt"


def _sums(draft: Draft, lines: tuple[NetLine, ...], off: tuple[Reduction, ...]) -> etree._Element:
    allowances = sum((part.amount for part in off if part.amount > 0), Decimal("0.00"))
    charges = sum((-part.amount for part in off if part.amount < 0), Decimal("0.00"))
    totals = draft.totals
    return node(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        leaf("ram:LineTotalAmount", plain(sum((line.amount for line in lines), Decimal("0.00")))),
        leaf("ram:ChargeTotalAmount", plain(charges)),
        leaf("ram:AllowanceTotalAmount", plain(allowances)),
        leaf("ram:TaxBasisTotalAmount", plain(totals.net)),
        leaf("ram:TaxTotalAmount", plain(totals.vat), currencyID=draft.currency),
        leaf("ram:GrandTotalAmount", plain(totals.gross)),
        leaf("ram:DuePayableAmount", plain(totals.gross)),
    )


def _category(rate: Decimal, draft: Draft, seller: Seller) -> Category:
    return category(draft.tax_case, rate, small_business=seller.small_business)
