"""The electronic invoice (EN 16931): ZUGFeRD/Factur-X in profile EN 16931, and XRechnung 3.0 in CII or UBL."""

import re

from stdnum import iban

from billing.einvoice_duty import Form
from billing.invoices import Draft, Invoice, PaymentMeans
from billing.jobs import TaxCase
from billing.parties import Seller
from documents.cii import compact
from documents.einvoice_checks import check_xml
from documents.einvoice_cii import cii_xml
from documents.einvoice_facts import asks_for_money, facts_of, preceding
from documents.errors import InvalidEInvoice
from documents.ubl import ubl_xml
from documents.xrechnung import check_xrechnung

_COUNTRY = re.compile(r"[A-Z]{2}")
_VAT_ID = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,12}")
_BUYER_NAMED = {TaxCase.REVERSE_CHARGE: "BR-AE-02", TaxCase.INTRA_COMMUNITY: "BR-IC-02"}
_SELLER_VAT_ID = {TaxCase.INTRA_COMMUNITY: "BR-IC-02", TaxCase.EXPORT: "BR-G-02"}
WRITERS = {Form.ZUGFERD: cii_xml, Form.XRECHNUNG_CII: cii_xml, Form.XRECHNUNG_UBL: ubl_xml}


def invoice_xml(invoice: Invoice, seller: Seller, form: Form = Form.ZUGFERD) -> bytes:
    """The invoice as XML, valid by the official schema and with sums equal to its draft's to the cent.

    An XRechnung also holds its national rules. Raises `InvalidEInvoice` naming the rule when the facts do not allow a
    valid one. The official rules of EN 16931 are slow and run apart: `documents.rules_check`.
    """
    _check_contents(invoice, seller)
    _check_facts(invoice.draft, seller)
    _check_payment(invoice.draft, seller)
    _check_form(invoice.draft, form)
    xml = WRITERS[form](facts_of(invoice, seller, form))
    root = check_xml(xml, invoice.draft.totals)
    if form is not Form.ZUGFERD:
        check_xrechnung(root)
    return xml


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
    is_registered = case is TaxCase.REVERSE_CHARGE and bool(buyer.register_number)
    if case in _BUYER_NAMED and not buyer.vat_id and not is_registered:
        raise InvalidEInvoice(_BUYER_NAMED[case], f"Die USt-IdNr. von {buyer.name} fehlt. Bitte beim Kunden ergänzen.")
    if case in _SELLER_VAT_ID and not seller.vat_id:
        raise InvalidEInvoice(_SELLER_VAT_ID[case], "Für diesen Steuerfall braucht der Rechnungssteller eine USt-IdNr.")
    for whose, vat_id in ((seller.name, seller.vat_id), (buyer.name, buyer.vat_id)):
        if vat_id and not _VAT_ID.fullmatch(compact(vat_id)):
            raise InvalidEInvoice("BR-CO-09", f"Die USt-IdNr. {vat_id} von {whose} beginnt nicht mit dem Land.")


def _check_payment(draft: Draft, seller: Seller) -> None:
    """What a payment means needs: a transfer the seller's account, a direct debit mandate, creditor and account."""
    if not asks_for_money(draft):
        return
    payment = draft.payment
    needed = (
        (PaymentMeans.TRANSFER, "BR-61", "eine gültige IBAN des Rechnungsstellers", iban.is_valid(seller.iban)),
        (PaymentMeans.DIRECT_DEBIT, "BR-DE-29", "die Mandatsreferenz der Lastschrift", payment.mandate),
        (PaymentMeans.DIRECT_DEBIT, "BR-DE-30", "die Gläubiger-ID des Rechnungsstellers", seller.creditor_id),
        (PaymentMeans.DIRECT_DEBIT, "BR-DE-31", "die IBAN des Kunden", iban.is_valid(payment.debited_iban)),
    )
    for means, rule, what, is_there in needed:
        if payment.means is means and not is_there:
            raise InvalidEInvoice(rule, f"Es fehlt {what}. Bitte ergänzen.")


def _check_form(draft: Draft, form: Form) -> None:
    """What a form cannot express: CII of XRechnung is bound to schema D16B, which has room for one reference."""
    if form is Form.XRECHNUNG_CII and len(preceding(draft)) > 1:
        raise InvalidEInvoice("BG-3", "XRechnung in CII nennt nur eine vorausgegangene Rechnung. Bitte UBL wählen.")
    if draft.kind.changes_another and not draft.preceding:
        raise InvalidEInvoice("BR-DE-26", "Es fehlt Nummer und Datum der Rechnung, die geändert wird. Bitte angeben.")
