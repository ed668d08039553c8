"""The electronic invoice as UBL 2.1, root Invoice or, for credit notes, CreditNote; for XRechnung."""

import base64
from collections.abc import Iterator

from lxml import etree

from billing.invoices import Draft, PaymentMeans, Reference
from billing.jobs import TaxCase
from documents.cii import compact, number
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
from documents.german import one_line
from documents.net_prices import Change, NetLine, Reduction
from documents.taxes import Category
from documents.ubl_parties import address_node, buyer_party, seller_party
from documents.ubl_words import CAC, CBC, ROOTS, amount, leaf, node, within

CREDIT_NOTE = "381"
PROJECT = "50"  # UNTDID 1001: in a CreditNote the project (BT-11) is a document of this type
NO_ORDER = "NA"


def ubl_xml(facts: Facts) -> bytes:
    """The invoice in UBL, unchecked."""
    name = "CreditNote" if is_credit_note(facts) else "Invoice"
    root = etree.Element(f"{{{ROOTS[name]}}}{name}", nsmap={None: ROOTS[name], "cac": CAC, "cbc": CBC})
    root.extend([child for child in _children(facts) if child is not None])
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def is_credit_note(facts: Facts) -> bool:
    """Whether the document needs the root CreditNote."""
    return facts.draft.kind.code == CREDIT_NOTE


def _children(facts: Facts) -> Iterator[etree._Element | None]:
    """All parts in the order of the schema."""
    draft = facts.draft
    yield from _head(facts)
    yield leaf("cbc:BuyerReference", draft.buyer_reference)
    yield _period(draft)
    yield _order(draft)
    for reference in preceding(draft):
        yield _preceding(reference)
    yield within("cac:DespatchDocumentReference", leaf("cbc:ID", draft.references.delivery_note))
    yield within("cac:ContractDocumentReference", leaf("cbc:ID", draft.references.contract))
    for attachment in facts.attachments:
        yield _attachment(attachment)
    yield _project(facts)
    yield seller_party(facts.seller, _creditor_id(facts))
    yield buyer_party(draft.customer)
    yield _delivery(draft)
    yield _payment_means(facts)
    yield node("cac:PaymentTerms", leaf("cbc:Note", payment_terms(facts.invoice)))
    for part in facts.reductions:
        yield _change(part, draft.currency, _category("cac:TaxCategory", facts.category(part.rate), part))
    yield _tax_total(facts)
    yield _sums(facts)
    for position, line in enumerate(facts.lines, 1):
        yield _line(position, line, facts)


def _head(facts: Facts) -> Iterator[etree._Element | None]:
    draft = facts.draft
    is_credit = is_credit_note(facts)
    yield leaf("cbc:CustomizationID", facts.profile)
    yield leaf("cbc:ProfileID", facts.process)
    yield leaf("cbc:ID", facts.invoice.number)
    yield leaf("cbc:IssueDate", draft.issue_date.isoformat())
    if not is_credit and asks_for_money(draft):
        yield leaf("cbc:DueDate", facts.invoice.due_date.isoformat())
    yield leaf("cbc:CreditNoteTypeCode" if is_credit else "cbc:InvoiceTypeCode", draft.kind.code)
    for text in notes(facts):
        yield leaf("cbc:Note", text)
    yield leaf("cbc:DocumentCurrencyCode", draft.currency)


def _period(draft: Draft) -> etree._Element | None:
    if draft.performed_from == draft.performed_until:
        return None
    return node(
        "cac:InvoicePeriod",
        leaf("cbc:StartDate", draft.performed_from.isoformat()),
        leaf("cbc:EndDate", draft.performed_until.isoformat()),
    )


def _order(draft: Draft) -> etree._Element | None:
    purchase, sales = draft.references.purchase_order, draft.order_number
    if not (purchase or sales):
        return None
    # The schema demands the buyer's number even if only the seller's is known.
    return node("cac:OrderReference", leaf("cbc:ID", purchase or NO_ORDER), leaf("cbc:SalesOrderID", sales))


def _preceding(reference: Reference) -> etree._Element:
    return node(
        "cac:BillingReference",
        node(
            "cac:InvoiceDocumentReference",
            leaf("cbc:ID", reference.number),
            leaf("cbc:IssueDate", reference.issue_date.isoformat()),
        ),
    )


def _attachment(attachment: Attachment) -> etree._Element:
    content = leaf(
        "cbc:EmbeddedDocumentBinaryObject",
        base64.b64encode(attachment.content).decode(),
        mimeCode=attachment.media_type,
        filename=attachment.name,
    )
    return node(
        "cac:AdditionalDocumentReference",
        leaf("cbc:ID", attachment.name),
        leaf("cbc:DocumentDescription", attachment.title),
        node("cac:Attachment", content),
    )


def _project(facts: Facts) -> etree._Element | None:
    project = leaf("cbc:ID", facts.draft.references.project)
    if is_credit_note(facts):
        return within("cac:AdditionalDocumentReference", project, leaf("cbc:DocumentTypeCode", PROJECT))
    return within("cac:ProjectReference", project)


def _delivery(draft: Draft) -> etree._Element:
    # BR-IC-12 wants the country the goods went to (BT-80).
    location = None
    if draft.tax_case is TaxCase.INTRA_COMMUNITY:
        location = node("cac:DeliveryLocation", address_node("cac:Address", draft.customer.address))
    return node("cac:Delivery", leaf("cbc:ActualDeliveryDate", draft.performed_until.isoformat()), location)


def _creditor_id(facts: Facts) -> str:
    return facts.seller.creditor_id if _is_debited(facts.draft) else ""


def _is_debited(draft: Draft) -> bool:
    return draft.payment.means is PaymentMeans.DIRECT_DEBIT and asks_for_money(draft)


def _payment_means(facts: Facts) -> etree._Element:
    draft = facts.draft
    return node(
        "cac:PaymentMeans",
        leaf("cbc:PaymentMeansCode", means_code(draft)),
        leaf("cbc:PaymentID", facts.invoice.number),
        _account(facts) if asks_for_money(draft) and not _is_debited(draft) else None,
        _mandate(draft) if _is_debited(draft) else None,
    )


def _account(facts: Facts) -> etree._Element:
    seller = facts.seller
    return node(
        "cac:PayeeFinancialAccount",
        leaf("cbc:ID", compact(seller.iban)),
        leaf("cbc:Name", one_line(seller.account_holder or seller.name)),
        within("cac:FinancialInstitutionBranch", leaf("cbc:ID", compact(seller.bic))),
    )


def _mandate(draft: Draft) -> etree._Element:
    return node(
        "cac:PaymentMandate",
        leaf("cbc:ID", draft.payment.mandate),
        within("cac:PayerFinancialAccount", leaf("cbc:ID", compact(draft.payment.debited_iban))),
    )


def _change(change: Change | Reduction, currency: str, category: etree._Element | None = None) -> etree._Element:
    """An allowance or, if negative, a charge."""
    return node(
        "cac:AllowanceCharge",
        leaf("cbc:ChargeIndicator", "true" if change.amount < 0 else "false"),
        leaf("cbc:AllowanceChargeReasonCode", DISCOUNT_CODE if change.amount > 0 else ""),
        leaf("cbc:AllowanceChargeReason", one_line(change.reason)),
        amount("cbc:Amount", abs(change.amount), currency),
        category,
    )


def _category(name: str, category: Category, rated: NetLine | Reduction | TaxGroup) -> etree._Element:
    is_group = isinstance(rated, TaxGroup)
    return node(
        name,
        leaf("cbc:ID", category.code),
        leaf("cbc:Percent", number(rated.rate, 2)),
        leaf("cbc:TaxExemptionReasonCode", category.reason_code if is_group else ""),
        leaf("cbc:TaxExemptionReason", category.reason if is_group else ""),
        node("cac:TaxScheme", leaf("cbc:ID", "VAT")),
    )


def _tax_total(facts: Facts) -> etree._Element:
    currency = facts.draft.currency
    return node(
        "cac:TaxTotal",
        amount("cbc:TaxAmount", facts.draft.totals.vat, currency),
        *(
            node(
                "cac:TaxSubtotal",
                amount("cbc:TaxableAmount", group.net, currency),
                amount("cbc:TaxAmount", group.vat, currency),
                _category("cac:TaxCategory", group.category, group),
            )
            for group in breakdown(facts)
        ),
    )


def _sums(facts: Facts) -> etree._Element:
    totals, currency = facts.draft.totals, facts.draft.currency
    return node(
        "cac:LegalMonetaryTotal",
        amount("cbc:LineExtensionAmount", facts.line_total, currency),
        amount("cbc:TaxExclusiveAmount", totals.net, currency),
        amount("cbc:TaxInclusiveAmount", totals.gross, currency),
        amount("cbc:AllowanceTotalAmount", facts.allowances, currency),
        amount("cbc:ChargeTotalAmount", facts.charges, currency),
        amount("cbc:PrepaidAmount", totals.paid, currency) if totals.paid else None,
        amount("cbc:PayableAmount", totals.due, currency),
    )


def _line(position: int, line: NetLine, facts: Facts) -> etree._Element:
    currency, is_credit = facts.draft.currency, is_credit_note(facts)
    return node(
        "cac:CreditNoteLine" if is_credit else "cac:InvoiceLine",
        leaf("cbc:ID", str(position)),
        leaf("cbc:Note", line.text),
        leaf(
            "cbc:CreditedQuantity" if is_credit else "cbc:InvoicedQuantity",
            number(line.quantity),
            unitCode=unit_code(line.line.unit),
        ),
        amount("cbc:LineExtensionAmount", line.amount, currency),
        *(_change(change, currency) for change in line.changes),
        node(
            "cac:Item",
            leaf("cbc:Description", line.line.description),
            leaf("cbc:Name", one_line(line.line.name) or "Leistung"),
            _category("cac:ClassifiedTaxCategory", facts.category(line.rate), line),
        ),
        node("cac:Price", leaf("cbc:PriceAmount", number(line.unit_price, 2), currencyID=currency)),
    )
