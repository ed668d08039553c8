"""The contents of a sales document: everything that follows from its request and its status."""

import copy
import uuid
from dataclasses import replace
from decimal import Decimal

from sandbox import arithmetic
from sandbox.arithmetic import Amount, Totals
from sandbox.lexoffice.dates import later, parsed, shown
from sandbox.lexoffice.errors import Json
from sandbox.lexoffice.kinds import INVOICE, QUOTATION, Kind
from sandbox.lexoffice.lines import leading_price
from sandbox.lexoffice.office import Office, Voucher
from sandbox.lexoffice.terms import address_for, payment_terms, profile_of_einvoice

TEXTS = ("title", "introduction", "remark", "deliveryTerms")


def with_contents(office: Office, voucher: Voucher) -> Voucher:
    """The document with everything that follows from its request and its status: sums, terms, due date, texts."""
    kind, request = voucher.kind, voucher.request
    kept = ("id", "organizationId", "createdDate", "updatedDate", "version", "voucherStatus", "voucherNumber")
    body = {name: voucher.body[name] for name in kept if name in voucher.body}
    from_gross = request["taxConditions"]["taxType"] == "gross"
    sums = _sums(request, from_gross=from_gross) if kind.priced else Totals(())
    body |= {
        "language": request.get("language") or "de",
        "archived": bool(request.get("archived")),
        "voucherDate": shown(parsed(request["voucherDate"])),
        "address": address_for(request["address"], office.contacts),
        "lineItems": [_line(kind, line, from_gross=from_gross) for line in request["lineItems"]],
        "taxConditions": _present(request["taxConditions"]),
        "relatedVouchers": voucher.body.get("relatedVouchers", []),
        "electronicDocumentProfile": "NONE",
        "title": kind.title,
    }
    body |= {name: request[name] for name in TEXTS if request.get(name)}
    body |= _money(request, sums) if kind.priced else {}
    body |= _conditions(office, kind, request)
    return replace(voucher, body=_once_final(office, kind, body), gross=sums.gross)


def _line(kind: Kind, line: Json, *, from_gross: bool) -> Json:
    shown_line = _present({k: v for k, v in line.items() if k not in ("lineItemAmount", "unitPrice")})
    price = line.get("unitPrice")
    if line["type"] == "text" or price is None:
        return shown_line
    amount, rate = Decimal(leading_price(price, from_gross=from_gross)), Decimal(price["taxRatePercentage"])
    other = arithmetic.other_price(amount, rate, from_gross=from_gross)
    net, gross = (other, amount) if from_gross else (amount, other)
    shown_line["unitPrice"] = {"currency": "EUR", "netAmount": net, "grossAmount": gross, "taxRatePercentage": rate}
    if kind.priced:
        shown_line |= {
            "discountPercentage": line.get("discountPercentage") or 0,
            "lineItemAmount": _worth(line, amount),
        }
    return shown_line


def _worth(line: Json, unit_price: Decimal) -> Decimal:
    discount = Decimal(line.get("discountPercentage") or 0)
    return arithmetic.line_amount(Decimal(line["quantity"]), unit_price, discount)


def _sums(request: Json, *, from_gross: bool) -> Totals:
    amounts = []
    for line in request["lineItems"]:
        if line["type"] != "text" and not line.get("alternative") and not line.get("optional"):
            price = Decimal(leading_price(line["unitPrice"], from_gross=from_gross))
            amounts.append(Amount(_worth(line, price), Decimal(line["unitPrice"]["taxRatePercentage"])))
    total = request["totalPrice"]
    absolute = Decimal(total.get("totalDiscountAbsolute") or 0)
    percent = Decimal(total.get("totalDiscountPercentage") or 0)
    return arithmetic.totals(amounts, from_gross=from_gross, absolute=absolute, percent=percent)


def _money(request: Json, sums: Totals) -> Json:
    discounts = ("totalDiscountAbsolute", "totalDiscountPercentage")
    given = {name: request["totalPrice"][name] for name in discounts if request["totalPrice"].get(name)}
    rates = [{"taxRatePercentage": r.rate, "taxAmount": r.tax, "netAmount": r.net} for r in sums.rates]
    total = {"totalNetAmount": sums.net, "totalGrossAmount": sums.gross, "totalTaxAmount": sums.tax}
    return {"totalPrice": {"currency": "EUR", **total, **given}, "taxAmounts": rates}


def _conditions(office: Office, kind: Kind, request: Json) -> Json:
    found: Json = {}
    if kind.has_terms:
        found["paymentConditions"] = payment_terms(request.get("paymentConditions"), office.default_terms())
    if request.get("shippingConditions"):
        found["shippingConditions"] = _in_berlin(_present(request["shippingConditions"]))
    if kind == QUOTATION:
        found["expirationDate"] = shown(parsed(request["expirationDate"]))
    if kind == INVOICE:
        found["closingInvoice"] = False
    return found


def _once_final(office: Office, kind: Kind, body: Json) -> Json:
    """Drafts have no due date, file or electronic profile; finalised documents do."""
    if body["voucherStatus"] == "draft":
        return body
    found: Json = {"printLayoutId": str(uuid.uuid5(uuid.NAMESPACE_URL, kind.resource))}
    found["files"] = {"documentFileId": str(uuid.uuid5(uuid.NAMESPACE_URL, body["id"]))}
    if kind == INVOICE:
        found["dueDate"] = later(body["voucherDate"], body["paymentConditions"]["paymentTermDuration"])
        found |= profile_of_einvoice(body, office.contacts)
    return body | found


def _present(part: Json) -> Json:
    return copy.deepcopy({name: value for name, value in part.items() if value is not None})


def _in_berlin(shipping: Json) -> Json:
    dates = {name: shown(parsed(shipping[name])) for name in ("shippingDate", "shippingEndDate") if name in shipping}
    return shipping | dates
