"""Sales documents: creation, the request's rules, pursuing, drafts and what the API does not offer."""

import pytest

from tests.sandbox.running import Json, Stage, line

SHIPPED = ["invoices", "order-confirmations", "delivery-notes"]


def fields(stage: Stage, body: Json, path: str = "invoices") -> dict[str, str]:
    """The refused fields and their rules; the answer must be a regular 406."""
    answer = stage.post(path, body)
    assert answer.status_code == 406, answer.text
    error = answer.json()
    assert {"timestamp", "status", "error", "path", "traceId", "message", "details"} <= error.keys()
    assert all(detail["message"] for detail in error["details"])
    return {detail["field"]: detail["violation"] for detail in error["details"]}


def new_contact(stage: Stage, **more: object) -> str:
    """The id of a new customer."""
    body = {"version": 0, "roles": {"customer": {}}, "company": {"name": "Brandt & Söhne"}, **more}
    answer = stage.post("contacts", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def test_create_answers_a_receipt_only(stage: Stage, invoice_body: Json) -> None:
    """201 carries id, resourceUri, dates and version, and a Location; status and number need a GET."""
    answer = stage.post("invoices", invoice_body)
    assert answer.status_code == 201
    receipt = answer.json()
    assert receipt.keys() == {"id", "resourceUri", "createdDate", "updatedDate", "version"}
    assert receipt["resourceUri"] == answer.headers["location"]
    assert receipt["createdDate"].startswith("2026-11-02T08:00:0")
    assert receipt["createdDate"].endswith("+01:00")
    assert stage.http.get(receipt["resourceUri"]).json()["voucherNumber"] == "RE1001"


def test_finalize_is_spelt_exactly(stage: Stage, invoice_body: Json) -> None:
    """`finalize=true` opens the invoice; the misspelt `finalized=true` is ignored and leaves a draft."""
    assert stage.made("invoices", invoice_body, finalized="true")["voucherStatus"] == "draft"
    assert stage.made("invoices", invoice_body, finalize="true")["voucherStatus"] == "open"


def test_drafts_have_a_number_but_no_due_date(stage: Stage, invoice_body: Json) -> None:
    """A draft carries a number, but neither dueDate nor files."""
    draft = stage.made("invoices", invoice_body)
    assert draft["voucherNumber"] == "RE1001"
    assert not draft.keys() & {"dueDate", "files", "printLayoutId"}


@pytest.mark.parametrize(
    "text",
    ["2026-11-02", "2026-11-02T00:00:00+01:00", "2026-11-02T00:00:00.000+0100", "2026-11-02T00:00:00.000000+01:00", 5],
)
def test_dates_have_one_form(stage: Stage, invoice_body: Json, text: object) -> None:
    """Only yyyy-MM-dd'T'HH:mm:ss.SSSXXX is a date-time."""
    assert fields(stage, invoice_body | {"voucherDate": text}) == {"voucherDate": "DATE_FORMAT"}


def test_answers_carry_the_berlin_offset(stage: Stage, invoice_body: Json) -> None:
    """A date sent in UTC comes back with the offset of Europe/Berlin, summer time included."""
    sent = invoice_body | {"voucherDate": "2026-07-01T22:00:00.000Z"}
    assert stage.made("invoices", sent)["voucherDate"] == "2026-07-02T00:00:00.000+02:00"


def test_due_date_follows_the_terms(stage: Stage, invoice_body: Json) -> None:
    """Without terms the organisation's 14 days hold; calendar days are counted across the change of clocks."""
    default = stage.made("invoices", invoice_body, finalize="true")
    assert default["dueDate"] == "2026-11-16T00:00:00.000+01:00"
    assert default["paymentConditions"]["paymentTermLabel"] == "Zahlbar in 14 Tagen, rein netto ohne Abzug"
    october = {"voucherDate": "2026-10-20T00:00:00.000+02:00", "paymentConditions": {"paymentTermDuration": 7}}
    assert stage.made("invoices", invoice_body | october, finalize="true")["dueDate"] == "2026-10-27T00:00:00.000+01:00"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"voucherDate": None}, "voucherDate"),
        ({"address": None}, "address"),
        ({"address": {"name": "Erika"}}, "address.countryCode"),
        ({"address": {"contactId": "unbekannt"}}, "address.contactId"),
        ({"lineItems": []}, "lineItems"),
        ({"lineItems": [line(1, 1)] * 301}, "lineItems"),
        ({"lineItems": [line(1, 1, id="x")]}, "lineItems[0].id"),
        ({"lineItems": [line(1, 1, type="material")]}, "lineItems[0].id"),
        ({"lineItems": [line(1, 1), line(1, 1, rate=16)]}, "lineItems[1].unitPrice.taxRatePercentage"),
        ({"lineItems": [line(1.00005, 1)]}, "lineItems[0].quantity"),
        ({"lineItems": [line(1, 1.00005)]}, "lineItems[0].unitPrice.netAmount"),
        ({"lineItems": [line(1, 1, price_name="grossAmount")]}, "lineItems[0].unitPrice.netAmount"),
        ({"lineItems": [line(1, 1, name="n" * 256)]}, "lineItems[0].name"),
        ({"lineItems": [line(1, 1, discountPercentage=101)]}, "lineItems[0].discountPercentage"),
        ({"lineItems": [{"type": "text"}]}, "lineItems[0].name"),
        ({"totalPrice": {"currency": "CHF"}}, "totalPrice.currency"),
        (
            {"totalPrice": {"currency": "EUR", "totalDiscountAbsolute": 1, "totalDiscountPercentage": 1}},
            "totalPrice.totalDiscountPercentage",
        ),
        ({"taxConditions": {"taxType": "photovoltaicEquipment"}}, "taxConditions.taxType"),
        ({"taxConditions": {}}, "taxConditions.taxType"),
        ({"shippingConditions": None}, "shippingConditions"),
        ({"shippingConditions": {"shippingType": "service"}}, "shippingConditions.shippingDate"),
        ({"shippingConditions": {"shippingType": "post"}}, "shippingConditions.shippingType"),
        ({"title": "t" * 26}, "title"),
        ({"introduction": "i" * 2001}, "introduction"),
        ({"remark": "r" * 2001}, "remark"),
    ],
)
def test_broken_rules_are_named(stage: Stage, invoice_body: Json, change: Json, field: str) -> None:
    """Each broken rule of an invoice is a 406 that names its field."""
    assert set(fields(stage, invoice_body | change)) == {field}


@pytest.mark.parametrize("path", SHIPPED)
def test_shipping_is_required_where_something_is_delivered(stage: Stage, invoice_body: Json, path: str) -> None:
    """Invoice, order confirmation and delivery note need shippingConditions; a credit note does not."""
    del invoice_body["shippingConditions"]
    assert set(fields(stage, invoice_body, path)) == {"shippingConditions"}
    assert stage.post("credit-notes", invoice_body).status_code == 201


def test_tax_free_needs_a_contact_except_vatfree(stage: Stage, invoice_body: Json) -> None:
    """constructionService13b without contact is refused, vatfree is not; both take only 0 %."""
    body = invoice_body | {"lineItems": [line(1, 100, rate=0)], "taxConditions": {"taxType": "constructionService13b"}}
    assert set(fields(stage, body)) == {"address.contactId"}
    reverse = body | {"address": {"contactId": new_contact(stage)}}
    assert stage.made("invoices", reverse)["totalPrice"]["totalGrossAmount"] == 100
    free = body | {"taxConditions": {"taxType": "vatfree"}}
    assert stage.made("invoices", free)["taxAmounts"] == [{"taxRatePercentage": 0, "taxAmount": 0, "netAmount": 100}]
    assert fields(stage, free | {"lineItems": [line(1, 100)]})


def test_a_contact_gives_its_address(stage: Stage, invoice_body: Json) -> None:
    """With contactId the recipient is the contact's billing address, or only its name when it has none."""
    billing = [{"street": "Weg 2", "zip": "79111", "city": "Freiburg", "countryCode": "DE"}]
    with_address = new_contact(stage, addresses={"billing": billing})
    found = stage.made("invoices", invoice_body | {"address": {"contactId": with_address}})["address"]
    assert found == {"contactId": with_address, "name": "Brandt & Söhne", **billing[0]}
    bare = new_contact(stage)
    found = stage.made("invoices", invoice_body | {"address": {"contactId": bare}})["address"]
    assert found == {"contactId": bare, "name": "Brandt & Söhne", "countryCode": "DE"}


def test_pursuing_links_both_documents(stage: Stage, invoice_body: Json) -> None:
    """Parent and child name each other with id, number and type; nothing is copied from the parent."""
    order = stage.made("order-confirmations", invoice_body, finalize="true")
    body = invoice_body | {"lineItems": [line(1, 10)]}
    note = stage.made("delivery-notes", body, finalize="true", precedingSalesVoucherId=order["id"])
    assert note["relatedVouchers"] == [
        {"id": order["id"], "voucherNumber": "AB1001", "voucherType": "orderconfirmation"}
    ]
    assert note["lineItems"][0]["quantity"] == 1
    children = stage.read(f"order-confirmations/{order['id']}")["relatedVouchers"]
    assert children == [{"id": note["id"], "voucherNumber": "LS1001", "voucherType": "deliverynote"}]


def test_parents_may_keep_silent_about_children(stage: Stage, invoice_body: Json) -> None:
    """As it is not established that parents list children, it can be switched off."""
    stage.control("settings", {"parent_lists_children": False})
    order = stage.made("order-confirmations", invoice_body, finalize="true")
    stage.made("invoices", invoice_body, precedingSalesVoucherId=order["id"])
    assert stage.read(f"order-confirmations/{order['id']}")["relatedVouchers"] == []


def test_second_pursue_is_refused_on_demand(stage: Stage, invoice_body: Json) -> None:
    """A second invoice to the same order is allowed, or refused with 406 when switched so."""
    order = stage.made("order-confirmations", invoice_body, finalize="true")
    query = {"precedingSalesVoucherId": order["id"]}
    assert [stage.post("invoices", invoice_body, **query).status_code for _ in range(2)] == [201, 201]
    stage.control("settings", {"refuse_second_pursue": True})
    refusal = stage.post("invoices", invoice_body, **query)
    assert refusal.status_code == 406
    assert "weitergeführt" in refusal.json()["message"]


@pytest.mark.parametrize("path", ["order-confirmations", "delivery-notes"])
def test_drafts_cannot_be_pursued(stage: Stage, invoice_body: Json, path: str) -> None:
    """A draft order confirmation or delivery note is no predecessor."""
    draft = stage.made(path, invoice_body)
    assert stage.post("invoices", invoice_body, precedingSalesVoucherId=draft["id"]).status_code == 406


def test_chains_have_a_direction(stage: Stage, invoice_body: Json) -> None:
    """An invoice cannot be pursued to a quotation, and a pursue still needs a complete body."""
    invoice = stage.made("invoices", invoice_body, finalize="true")
    quotation = invoice_body | {"expirationDate": "2026-12-01T00:00:00.000+01:00"}
    assert stage.post("quotations", quotation, precedingSalesVoucherId=invoice["id"]).status_code == 406
    assert stage.post("credit-notes", {}, precedingSalesVoucherId=invoice["id"]).status_code == 406


def test_quotations_with_options_cannot_be_pursued(stage: Stage, invoice_body: Json) -> None:
    """Alternative or optional items do not count in the sums and bar pursuing."""
    lines = [line(1, 100), line(1, 50, optional=True)]
    body = invoice_body | {"expirationDate": "2026-12-01T00:00:00.000+01:00", "lineItems": lines}
    quotation = stage.made("quotations", body, finalize="true")
    assert quotation["totalPrice"]["totalNetAmount"] == 100
    assert stage.post("invoices", invoice_body, precedingSalesVoucherId=quotation["id"]).status_code == 406


def test_delivery_notes_have_no_sums(stage: Stage, invoice_body: Json) -> None:
    """A delivery note needs no prices and shows neither totals nor terms."""
    bare = [{"type": "custom", "name": "Farbe", "quantity": 2, "unitName": "Liter", "unitPrice": None}]
    note = stage.made("delivery-notes", invoice_body | {"lineItems": bare, "totalPrice": None})
    assert not note.keys() & {"totalPrice", "taxAmounts", "paymentConditions"}


def test_dunnings_stay_drafts_without_number(stage: Stage, invoice_body: Json) -> None:
    """A dunning needs an invoice, never leaves draft and carries no number; its PDF exists all the same."""
    assert stage.post("dunnings", invoice_body).status_code == 406
    invoice = stage.made("invoices", invoice_body, finalize="true")
    dunning = stage.made("dunnings", invoice_body, precedingSalesVoucherId=invoice["id"], finalize="true")
    assert dunning["voucherStatus"] == "draft"
    assert "voucherNumber" not in dunning
    assert stage.get(f"dunnings/{dunning['id']}/file").status_code == 200
    assert stage.read(f"invoices/{invoice['id']}")["relatedVouchers"][0]["voucherType"] == "dunning"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("DELETE", "/{id}"), ("PUT", "/{id}"), ("PATCH", "/{id}"), ("POST", "/{id}/file")]
)
def test_sales_documents_have_no_list_change_or_deletion(
    stage: Stage, invoice_body: Json, method: str, path: str
) -> None:
    """What the API does not offer is 405 in the regular form."""
    invoice = stage.made("invoices", invoice_body)
    answer = stage.http.request(method, "/v1/invoices" + path.format(id=invoice["id"]), json={})
    assert (answer.status_code, answer.json()["status"]) == (405, 405)


def test_unknown_ids_are_not_found(stage: Stage, invoice_body: Json) -> None:
    """An id that does not exist, or belongs to another kind, is 404 in the regular form."""
    invoice = stage.made("invoices", invoice_body)
    for path in ("invoices/7b6ce389-8ebb-4492-9a2a-6aa1320b5fca", f"credit-notes/{invoice['id']}"):
        answer = stage.get(path)
        assert (answer.status_code, answer.json()["path"]) == (404, f"/v1/{path}")


def test_only_custom_text_and_articles_are_lines(stage: Stage, invoice_body: Json) -> None:
    """Text lines carry name or description and no amount; they do not count in the sums."""
    lines = [line(2, 80), {"type": "text", "description": "Danke"}]
    invoice = stage.made("invoices", invoice_body | {"lineItems": lines})
    assert invoice["lineItems"][1] == {"type": "text", "description": "Danke"}
    assert invoice["totalPrice"]["totalNetAmount"] == 160
