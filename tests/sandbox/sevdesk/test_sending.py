"""From draft to sent and back: sendBy, sendViaEmail, getPdf, getXml, resets, enshrine."""

import base64
from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.sandbox.agency import SENT, Desk, error, ref
from tests.sandbox.running import Json

MAIL = {"toEmail": "kunde@beispiel.example", "subject": "Rechnung", "text": "Guten Tag"}


def test_send_by_opens_without_a_mail(desk: Desk) -> None:
    """sendBy makes 200 and notes how and when; no mail leaves. sendDraft changes nothing."""
    invoice = desk.invoice()
    path = f"Invoice/{invoice['id']}/sendBy"
    assert desk.changed(path, {"sendType": "VPR", "sendDraft": True})["status"] == "100"
    sent = desk.changed(path, SENT)
    assert (sent["status"], sent["sendType"], sent["sendDate"][:10]) == ("200", "VPR", "2026-11-02")
    assert desk.control("mails") == []
    for body in ({"sendType": "VPR"}, {"sendDraft": False}, {"sendType": "POST", "sendDraft": False}):
        assert error(desk.put(path, body))[0] == 422


def test_send_via_email_is_noted(desk: Desk) -> None:
    """sendViaEmail answers 201 with the mail, opens the invoice, and every call is a further mail."""
    invoice = desk.invoice()
    answer = desk.post(f"Invoice/{invoice['id']}/sendViaEmail", MAIL)
    mail = answer.json()["objects"]
    assert (answer.status_code, mail["to"], mail["object"]["status"]) == (201, MAIL["toEmail"], "200")
    desk.post(f"Invoice/{invoice['id']}/sendViaEmail", MAIL)
    noted = desk.control("mails")
    assert [(m["to"], m["invoice_id"], m["filename"]) for m in noted] == [
        (MAIL["toEmail"], int(invoice["id"]), "Rechnung-RE-1000.pdf")
    ] * 2
    for name in MAIL:
        body = {k: v for k, v in MAIL.items() if k != name}
        assert error(desk.post(f"Invoice/{invoice['id']}/sendViaEmail", body))[0] == 422
    assert desk.post(f"Invoice/{invoice['id']}/sendViaEmail", MAIL | {"toEmail": "niemand"}).status_code == 422


def test_pdf_is_base64_in_json(desk: Desk) -> None:
    """With preventSendBy=true the state stays; live spelling mimetype and base64Encoded below objects."""
    invoice = desk.invoice()
    answer = desk.get(f"Invoice/{invoice['id']}/getPdf", preventSendBy="true", download="true").json()["objects"]
    assert {k: v for k, v in answer.items() if k != "content"} == {
        "filename": "Rechnung-Entwurf.pdf",
        "mimetype": "application/pdf",
        "base64Encoded": True,
    }
    text = PdfReader(BytesIO(base64.b64decode(answer["content"]))).pages[0].extract_text()
    assert "Gesamtbetrag: 190.40 EUR" in text
    assert desk.one(f"Invoice/{invoice['id']}")["status"] == "100"


def test_pdf_alone_marks_as_sent(desk: Desk) -> None:
    """Without preventSendBy=true reading the PDF opens the invoice and gives it a number."""
    invoice = desk.invoice()
    answer = desk.get(f"Invoice/{invoice['id']}/getPdf", preventSendBy="false").json()["objects"]
    found = desk.one(f"Invoice/{invoice['id']}")
    assert (found["status"], found["sendType"], answer["filename"]) == ("200", "VPDF", "Rechnung-RE-1000.pdf")


def test_pdf_as_specified(desk: Desk) -> None:
    """The specification's form has no wrapper and other spellings."""
    invoice = desk.invoice()
    desk.control("settings", {"specified_answers": True})
    answer = desk.get(f"Invoice/{invoice['id']}/getPdf", preventSendBy="true").json()
    assert answer.keys() == {"filename", "mimeType", "base64encoded", "content"}


@pytest.fixture
def einvoice(desk: Desk) -> Json:
    """A sent e-invoice."""
    contact = desk.contact(buyerReference="09663-12345-19", governmentAgency=True)
    owner = {"contact": ref(contact["id"], "Contact")}
    way = {"type": "EMAIL", "value": "amt@mainheim.example", "key": ref(8, "CommunicationWayKey"), "main": True}
    desk.made("CommunicationWay", owner | way)
    method = ref(desk.rows("PaymentMethod")[0]["id"], "PaymentMethod")
    return desk.opened(**owner, propertyIsEInvoice=True, paymentMethod=method)


def test_einvoice_holds_its_xml(desk: Desk, einvoice: Json) -> None:
    """The PDF of an e-invoice holds the same XML that getXml gives; other invoices have none."""
    xml = desk.get(f"Invoice/{einvoice['id']}/getXml").json()["objects"]
    assert xml.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    assert "<BuyerReference>09663-12345-19</BuyerReference>" in xml
    content = desk.get(f"Invoice/{einvoice['id']}/getPdf", preventSendBy="true").json()["objects"]["content"]
    attached = PdfReader(BytesIO(base64.b64decode(content))).attachments
    assert attached["factur-x.xml"][0].decode() == xml
    assert error(desk.get(f"Invoice/{desk.opened()['id']}/getXml"))[0] == 400


def test_einvoice_needs_its_data(desk: Desk) -> None:
    """Without buyer reference, mail address and payment method an e-invoice is refused, all named."""
    text = error(desk.post("Invoice/Factory/saveInvoice", desk.invoice_body(propertyIsEInvoice=True)))[1]
    assert all(name in text for name in ("contact.buyerReference", "contact.email", "paymentMethod"))


def test_reset_to_draft(desk: Desk) -> None:
    """Only an open invoice goes back to draft; it keeps its number."""
    invoice = desk.opened()
    back = desk.changed(f"Invoice/{invoice['id']}/resetToDraft")
    assert (back["status"], back["invoiceNumber"]) == ("100", "RE-1000")
    assert error(desk.put(f"Invoice/{invoice['id']}/resetToDraft"))[0] == 422
    assert error(desk.put(f"Invoice/{invoice['id']}/resetToOpen"))[0] == 422


def test_enshrined_is_for_ever(desk: Desk) -> None:
    """An enshrined invoice cannot be reset; a draft cannot be enshrined."""
    invoice = desk.opened()
    assert desk.changed(f"Invoice/{invoice['id']}/enshrine") is None
    assert error(desk.put(f"Invoice/{invoice['id']}/resetToDraft"))[0] == 422
    assert error(desk.put(f"Invoice/{desk.invoice()['id']}/enshrine"))[0] == 422


def test_sent_by_hand(desk: Desk) -> None:
    """In the app a draft can be sent by post or an open invoice taken back."""
    invoice = desk.invoice()
    desk.control("actions/send", {"id": int(invoice["id"])})
    assert desk.one(f"Invoice/{invoice['id']}")["sendType"] == "VP"
    desk.control("actions/to-draft", {"id": int(invoice["id"])})
    assert desk.one(f"Invoice/{invoice['id']}")["status"] == "100"
