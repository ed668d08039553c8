"""The electronic invoice as UN/CEFACT CII, for ZUGFeRD/Factur-X and XRechnung."""

import base64

from lxml import etree

from billing.invoices import Draft, PaymentMeans, Reference
from billing.jobs import TaxCase
from documents.cii import NAMESPACES, RSM, compact, day_node, indicator, leaf, node, number, plain, tax_node
from documents.einvoice_facts import (
    DISCOUNT_CODE,
    Attachment,
    Facts,
    TaxGroup,
    asks_for_money,
    breakdown,
    means_code,
    notes,
    payment_terms,
    preceding,
    unit_code,
)
from documents.einvoice_parties import address_node, buyer_party, seller_party
from documents.german import clean, one_line
from documents.net_prices import Change, NetLine, Reduction

SUPPORTING_DOCUMENT = "916"  # UNTDID 1001


def cii_xml(facts: Facts) -> bytes:
    """The invoice in CII, unchecked."""
    root = etree.Element(f"{{{RSM}}}CrossIndustryInvoice", nsmap=NAMESPACES)
    root.extend(
        (
            node(
                "rsm:ExchangedDocumentContext",
                _identified("ram:BusinessProcessSpecifiedDocumentContextParameter", "ram:ID", facts.process),
                _identified("ram:GuidelineSpecifiedDocumentContextParameter", "ram:ID", facts.profile),
            ),
            _document(facts),
            node(
                "rsm:SupplyChainTradeTransaction",
                *(_line(at, line, facts) for at, line in enumerate(facts.lines, 1)),
                _agreement(facts),
                _delivery(facts.draft),
                _settlement(facts),
            ),
        )
    )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _document(facts: Facts) -> etree._Element:
    return node(
        "rsm:ExchangedDocument",
        leaf("ram:ID", facts.invoice.number),
        leaf("ram:TypeCode", facts.draft.kind.code),
        day_node("ram:IssueDateTime", facts.draft.issue_date),
        *(_identified("ram:IncludedNote", "ram:Content", text) for text in notes(facts)),
    )


def _line(position: int, line: NetLine, facts: Facts) -> etree._Element:
    return node(
        "ram:IncludedSupplyChainTradeLineItem",
        node(
            "ram:AssociatedDocumentLineDocument",
            leaf("ram:LineID", str(position)),
            _identified("ram:IncludedNote", "ram:Content", line.text),
        ),
        node(
            "ram:SpecifiedTradeProduct",
            leaf("ram:Name", one_line(line.line.name) or "Leistung"),
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
            tax_node("ram:ApplicableTradeTax", facts.category(line.rate), line.rate),
            *(_change(change) for change in line.changes),
            node(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                leaf("ram:LineTotalAmount", plain(line.amount)),
            ),
        ),
    )


def _change(change: Change | Reduction, tax: etree._Element | None = None) -> etree._Element:
    """An allowance or, if negative, a charge."""
    return node(
        "ram:SpecifiedTradeAllowanceCharge",
        indicator(is_charge=change.amount < 0),
        leaf("ram:ActualAmount", plain(abs(change.amount))),
        leaf("ram:ReasonCode", DISCOUNT_CODE if change.amount > 0 else ""),
        leaf("ram:Reason", one_line(change.reason)),
        tax,
    )


def _agreement(facts: Facts) -> etree._Element:
    draft, references = facts.draft, facts.draft.references
    return node(
        "ram:ApplicableHeaderTradeAgreement",
        leaf("ram:BuyerReference", draft.buyer_reference),
        seller_party(facts.seller),
        buyer_party(draft.customer),
        _referenced("ram:SellerOrderReferencedDocument", draft.order_number),
        _referenced("ram:BuyerOrderReferencedDocument", references.purchase_order),
        _referenced("ram:ContractReferencedDocument", references.contract),
        *(_attachment(attachment) for attachment in facts.attachments),
        node(
            "ram:SpecifiedProcuringProject",
            leaf("ram:ID", references.project),
            leaf("ram:Name", "Project reference"),
        )
        if clean(references.project)
        else None,
    )


def _attachment(attachment: Attachment) -> etree._Element:
    return node(
        "ram:AdditionalReferencedDocument",
        leaf("ram:IssuerAssignedID", attachment.name),
        leaf("ram:TypeCode", SUPPORTING_DOCUMENT),
        leaf("ram:Name", attachment.title),
        leaf(
            "ram:AttachmentBinaryObject",
            base64.b64encode(attachment.content).decode(),
            mimeCode=attachment.media_type,
            filename=attachment.name,
        ),
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
    despatch = _referenced("ram:DespatchAdviceReferencedDocument", draft.references.delivery_note)
    return node("ram:ApplicableHeaderTradeDelivery", ship_to, performed, despatch)


def _settlement(facts: Facts) -> etree._Element:
    draft = facts.draft
    return node(
        "ram:ApplicableHeaderTradeSettlement",
        leaf("ram:CreditorReferenceID", facts.seller.creditor_id if _is_debited(draft) else ""),
        leaf("ram:PaymentReference", facts.invoice.number),
        leaf("ram:InvoiceCurrencyCode", draft.currency),
        _payment_means(facts),
        *(_tax(group) for group in breakdown(facts)),
        _period(draft),
        *(_document_change(part, facts) for part in facts.reductions),
        node(
            "ram:SpecifiedTradePaymentTerms",
            leaf("ram:Description", payment_terms(facts.invoice)),
            day_node("ram:DueDateDateTime", facts.invoice.due_date) if asks_for_money(draft) else None,
            leaf("ram:DirectDebitMandateID", draft.payment.mandate if _is_debited(draft) else ""),
        ),
        _sums(facts),
        *(_preceding(reference) for reference in preceding(draft)),
    )


def _payment_means(facts: Facts) -> etree._Element:
    draft, seller = facts.draft, facts.seller
    code = leaf("ram:TypeCode", means_code(draft))
    if _is_debited(draft):
        account = node("ram:PayerPartyDebtorFinancialAccount", leaf("ram:IBANID", compact(draft.payment.debited_iban)))
        return node("ram:SpecifiedTradeSettlementPaymentMeans", code, account)
    if not asks_for_money(draft):
        return node("ram:SpecifiedTradeSettlementPaymentMeans", code)
    bank = node("ram:PayeeSpecifiedCreditorFinancialInstitution", leaf("ram:BICID", compact(seller.bic)))
    return node(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        code,
        node(
            "ram:PayeePartyCreditorFinancialAccount",
            leaf("ram:IBANID", compact(seller.iban)),
            leaf("ram:AccountName", one_line(seller.account_holder or seller.name)),
        ),
        bank if seller.bic else None,
    )


def _is_debited(draft: Draft) -> bool:
    return draft.payment.means is PaymentMeans.DIRECT_DEBIT and asks_for_money(draft)


def _tax(group: TaxGroup) -> etree._Element:
    return node(
        "ram:ApplicableTradeTax",
        leaf("ram:CalculatedAmount", plain(group.vat)),
        leaf("ram:TypeCode", "VAT"),
        leaf("ram:ExemptionReason", group.category.reason),
        leaf("ram:BasisAmount", plain(group.net)),
        leaf("ram:CategoryCode", group.category.code),
        leaf("ram:ExemptionReasonCode", group.category.reason_code),
        leaf("ram:RateApplicablePercent", number(group.rate, 2)),
    )


def _period(draft: Draft) -> etree._Element | None:
    if draft.performed_from == draft.performed_until:
        return None
    return node(
        "ram:BillingSpecifiedPeriod",
        day_node("ram:StartDateTime", draft.performed_from),
        day_node("ram:EndDateTime", draft.performed_until),
    )


def _document_change(part: Reduction, facts: Facts) -> etree._Element:
    return _change(part, tax_node("ram:CategoryTradeTax", facts.category(part.rate), part.rate))


def _sums(facts: Facts) -> etree._Element:
    draft, totals = facts.draft, facts.draft.totals
    return node(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        leaf("ram:LineTotalAmount", plain(facts.line_total)),
        leaf("ram:ChargeTotalAmount", plain(facts.charges)),
        leaf("ram:AllowanceTotalAmount", plain(facts.allowances)),
        leaf("ram:TaxBasisTotalAmount", plain(totals.net)),
        leaf("ram:TaxTotalAmount", plain(totals.vat), currencyID=draft.currency),
        leaf("ram:GrandTotalAmount", plain(totals.gross)),
        leaf("ram:TotalPrepaidAmount", plain(totals.paid) if totals.paid else ""),
        leaf("ram:DuePayableAmount", plain(totals.due)),
    )


def _preceding(reference: Reference) -> etree._Element:
    day = leaf("qdt:DateTimeString", f"{reference.issue_date:%Y%m%d}", format="102")
    return node(
        "ram:InvoiceReferencedDocument",
        leaf("ram:IssuerAssignedID", reference.number),
        node("ram:FormattedIssueDateTime", day),
    )


def _referenced(name: str, number: str) -> etree._Element | None:
    return _identified(name, "ram:IssuerAssignedID", number)


def _identified(name: str, child: str, text: str) -> etree._Element | None:
    """An element with one text inside, or None without text."""
    inner = leaf(child, text)
    return None if inner is None else node(name, inner)
