"""Where the terms of EN 16931 stand that the rules of XRechnung ask for: XPath by term, per syntax."""

_AGREEMENT = "//ram:ApplicableHeaderTradeAgreement"
_SELLER = f"{_AGREEMENT}/ram:SellerTradeParty"
_BUYER = f"{_AGREEMENT}/ram:BuyerTradeParty"
_DELIVERY = "//ram:ApplicableHeaderTradeDelivery"
_SETTLEMENT = "//ram:ApplicableHeaderTradeSettlement"
_MEANS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans"
_CONTEXT = "//rsm:ExchangedDocumentContext"
_UBL_SELLER = "cac:AccountingSupplierParty/cac:Party"
_UBL_BUYER = "cac:AccountingCustomerParty/cac:Party"
_UBL_SHIP_TO = "cac:Delivery/cac:DeliveryLocation/cac:Address"
_EMBEDDED = "cbc:EmbeddedDocumentBinaryObject"

CII = {
    "BT-3": "//rsm:ExchangedDocument/ram:TypeCode",
    "BT-10": f"{_AGREEMENT}/ram:BuyerReference",
    "BT-20": f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:Description",
    "BT-23": f"{_CONTEXT}/ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID",
    "BT-24": f"{_CONTEXT}/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID",
    "BG-3": f"{_SETTLEMENT}/ram:InvoiceReferencedDocument",
    "BT-31": f"{_SELLER}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
    "BT-32": f"{_SELLER}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='FC']",
    "BT-34": f"{_SELLER}/ram:URIUniversalCommunication/ram:URIID",
    "BT-37": f"{_SELLER}/ram:PostalTradeAddress/ram:CityName",
    "BT-38": f"{_SELLER}/ram:PostalTradeAddress/ram:PostcodeCode",
    "BG-6": f"{_SELLER}/ram:DefinedTradeContact",
    "BT-41": f"{_SELLER}/ram:DefinedTradeContact/ram:PersonName",
    "BT-42": f"{_SELLER}/ram:DefinedTradeContact/ram:TelephoneUniversalCommunication/ram:CompleteNumber",
    "BT-43": f"{_SELLER}/ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:URIID",
    "BT-49": f"{_BUYER}/ram:URIUniversalCommunication/ram:URIID",
    "BT-52": f"{_BUYER}/ram:PostalTradeAddress/ram:CityName",
    "BT-53": f"{_BUYER}/ram:PostalTradeAddress/ram:PostcodeCode",
    "BT-72": f"{_DELIVERY}/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString",
    "BG-14": f"{_SETTLEMENT}/ram:BillingSpecifiedPeriod",
    "BG-15": f"{_DELIVERY}/ram:ShipToTradeParty/ram:PostalTradeAddress",
    "BT-77": f"{_DELIVERY}/ram:ShipToTradeParty/ram:PostalTradeAddress/ram:CityName",
    "BT-78": f"{_DELIVERY}/ram:ShipToTradeParty/ram:PostalTradeAddress/ram:PostcodeCode",
    "BG-16": _MEANS,
    "BT-81": f"{_MEANS}/ram:TypeCode",
    "BG-17": f"{_MEANS}/ram:PayeePartyCreditorFinancialAccount",
    "BT-84": f"{_MEANS}/ram:PayeePartyCreditorFinancialAccount/ram:IBANID",
    "BG-18": f"{_MEANS}/ram:ApplicableTradeSettlementFinancialCard",
    "BG-19": f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:DirectDebitMandateID"
    f"|{_SETTLEMENT}/ram:CreditorReferenceID|{_MEANS}/ram:PayerPartyDebtorFinancialAccount",
    "BT-89": f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:DirectDebitMandateID",
    "BT-90": f"{_SETTLEMENT}/ram:CreditorReferenceID",
    "BT-91": f"{_MEANS}/ram:PayerPartyDebtorFinancialAccount/ram:IBANID",
    "BT-95": f"{_SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge/ram:CategoryTradeTax/ram:CategoryCode",
    "BG-23": f"{_SETTLEMENT}/ram:ApplicableTradeTax",
    "BT-119": f"{_SETTLEMENT}/ram:ApplicableTradeTax/ram:RateApplicablePercent",
    "BT-125": "//ram:AttachmentBinaryObject/@filename",
    "BT-151": "//ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode",
}

UBL = {
    "BT-3": "cbc:InvoiceTypeCode|cbc:CreditNoteTypeCode",
    "BT-10": "cbc:BuyerReference",
    "BT-20": "cac:PaymentTerms/cbc:Note",
    "BT-23": "cbc:ProfileID",
    "BT-24": "cbc:CustomizationID",
    "BG-3": "cac:BillingReference/cac:InvoiceDocumentReference",
    "BT-31": f"{_UBL_SELLER}/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID",
    "BT-32": f"{_UBL_SELLER}/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID!='VAT']/cbc:CompanyID",
    "BT-34": f"{_UBL_SELLER}/cbc:EndpointID",
    "BT-37": f"{_UBL_SELLER}/cac:PostalAddress/cbc:CityName",
    "BT-38": f"{_UBL_SELLER}/cac:PostalAddress/cbc:PostalZone",
    "BG-6": f"{_UBL_SELLER}/cac:Contact",
    "BT-41": f"{_UBL_SELLER}/cac:Contact/cbc:Name",
    "BT-42": f"{_UBL_SELLER}/cac:Contact/cbc:Telephone",
    "BT-43": f"{_UBL_SELLER}/cac:Contact/cbc:ElectronicMail",
    "BT-49": f"{_UBL_BUYER}/cbc:EndpointID",
    "BT-52": f"{_UBL_BUYER}/cac:PostalAddress/cbc:CityName",
    "BT-53": f"{_UBL_BUYER}/cac:PostalAddress/cbc:PostalZone",
    "BT-72": "cac:Delivery/cbc:ActualDeliveryDate",
    "BG-14": "cac:InvoicePeriod",
    "BG-15": _UBL_SHIP_TO,
    "BT-77": f"{_UBL_SHIP_TO}/cbc:CityName",
    "BT-78": f"{_UBL_SHIP_TO}/cbc:PostalZone",
    "BG-16": "cac:PaymentMeans",
    "BT-81": "cac:PaymentMeans/cbc:PaymentMeansCode",
    "BG-17": "cac:PaymentMeans/cac:PayeeFinancialAccount",
    "BT-84": "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID",
    "BG-18": "cac:PaymentMeans/cac:CardAccount",
    "BG-19": "cac:PaymentMeans/cac:PaymentMandate",
    "BT-89": "cac:PaymentMeans/cac:PaymentMandate/cbc:ID",
    "BT-90": f"{_UBL_SELLER}/cac:PartyIdentification/cbc:ID[@schemeID='SEPA']",
    "BT-91": "cac:PaymentMeans/cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID",
    "BT-95": "cac:AllowanceCharge/cac:TaxCategory/cbc:ID",
    "BG-23": "cac:TaxTotal/cac:TaxSubtotal",
    "BT-119": "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:Percent",
    "BT-125": f"cac:AdditionalDocumentReference/cac:Attachment/{_EMBEDDED}/@filename",
    "BT-151": "(cac:InvoiceLine|cac:CreditNoteLine)/cac:Item/cac:ClassifiedTaxCategory/cbc:ID",
}

PATHS = {"CrossIndustryInvoice": CII, "Invoice": UBL}
