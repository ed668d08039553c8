"""Files of documents: which form the Accept header gives, and drafts."""

import base64
import io

import pytest
from pypdf import PdfReader

from tests.sandbox.running import Json, Stage, line

PDF, XML = "application/pdf", "application/xml"


def invoice_for(stage: Stage, invoice_body: Json, *, einvoice: bool) -> str:
    """The path of a finalised invoice, as XRechnung or plain."""
    contact = {
        "roles": {"customer": {}},
        "company": {"name": "Gemeinde Sonnental"},
        "addresses": {"billing": [{"street": "Rathausplatz 1", "countryCode": "DE"}]},
    }
    if einvoice:
        reference = {"buyerReference": "04011000-1234512345-06", "vendorNumberAtCustomer": "70123456"}
        contact["xRechnung"] = reference
    contact_id = stage.post("contacts", contact).json()["id"]
    body = invoice_body | {"address": {"contactId": contact_id}}
    return f"invoices/{stage.made('invoices', body, finalize='true')['id']}"


@pytest.mark.parametrize(
    ("einvoice", "accept", "status", "content_type"),
    [
        (False, "*/*", 200, PDF),
        (False, PDF, 200, PDF),
        (False, XML, 404, "application/json"),
        (False, "image/png", 406, "application/json"),
        (True, "*/*", 200, XML),
        (True, PDF, 200, PDF),
        (True, XML, 200, XML),
        (True, "text/plain", 406, "application/json"),
    ],
)
def test_accept_decides(
    stage: Stage, invoice_body: Json, einvoice: bool, accept: str, status: int, content_type: str
) -> None:
    """The published table of profile and Accept header holds."""
    path = invoice_for(stage, invoice_body, einvoice=einvoice)
    assert stage.read(path)["electronicDocumentProfile"] == ("XRechnung" if einvoice else "NONE")
    answer = stage.http.get(f"/v1/{path}/file", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (status, content_type)


def test_pdf_is_real_and_names_the_invoice(stage: Stage, invoice_body: Json) -> None:
    """The PDF opens, has pages enough for all lines and shows number, umlauts and total."""
    many = invoice_body | {"lineItems": [line(1, 10, name=f"Fläche {i}") for i in range(60)]}
    invoice = stage.made("invoices", many, finalize="true")
    answer = stage.http.get(f"/v1/invoices/{invoice['id']}/file", headers={"Accept": PDF})
    assert answer.content.startswith(b"%PDF-")
    assert "Rechnung RE1001.pdf" in answer.headers["content-disposition"]
    pages = PdfReader(io.BytesIO(answer.content), strict=True).pages
    text = "\n".join(page.extract_text() for page in pages)
    assert len(pages) == 2
    assert "RE1001" in text
    assert "Fläche 59" in text
    assert "714.00 EUR" in text


def test_json_accept_gives_base64_labelled_as_pdf(stage: Stage, invoice_body: Json) -> None:
    """The trap: with Accept application/json the body is base64 text, the content type still PDF."""
    path = invoice_for(stage, invoice_body, einvoice=False)
    answer = stage.http.get(f"/v1/{path}/file", headers={"Accept": "application/json"})
    assert answer.headers["content-type"] == PDF
    assert not answer.content.startswith(b"%PDF-")
    assert base64.b64decode(answer.content, validate=True).startswith(b"%PDF-")


def test_drafts_have_no_file(stage: Stage, invoice_body: Json) -> None:
    """A draft's /file is 409, its /document 406 with the recorded text."""
    draft = stage.made("invoices", invoice_body)
    assert stage.get(f"invoices/{draft['id']}/file").status_code == 409
    refusal = stage.get(f"invoices/{draft['id']}/document")
    assert refusal.status_code == 406
    assert refusal.json()["message"] == "Requesting PDF document is not possible in state draft."


def test_the_deprecated_way_still_works(stage: Stage, invoice_body: Json) -> None:
    """/document names a file id, /files/{id} gives the file."""
    invoice = stage.made("invoices", invoice_body, finalize="true")
    file_id = stage.read(f"invoices/{invoice['id']}/document")["documentFileId"]
    answer = stage.http.get(f"/v1/files/{file_id}", headers={"Accept": PDF})
    assert answer.content.startswith(b"%PDF-")
    missing = stage.get("files/7b6ce389-8ebb-4492-9a2a-6aa1320b5fca")
    assert (missing.status_code, "IssueList" in missing.json()) == (404, True)


def test_order_confirmations_have_no_xml(stage: Stage, invoice_body: Json) -> None:
    """XML of a document that exists as PDF only is 406."""
    order = stage.made("order-confirmations", invoice_body, finalize="true")
    answer = stage.http.get(f"/v1/order-confirmations/{order['id']}/file", headers={"Accept": XML})
    assert answer.status_code == 406
