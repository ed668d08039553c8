"""The web agency's world: its signals, its customers' habits, beside the painter on one clock."""

from email.message import EmailMessage
from typing import Any

import pytest

from sandbox.plan import load
from tests.sandbox.agency import Desk, ref
from tests.sandbox.running import Json


@pytest.fixture
def world(agency: Desk) -> Desk:
    """Both worlds at their first day."""
    agency.stage.control("reset", {})
    return agency


def advance(desk: Desk, days: int) -> list[Json]:
    """Move the clock; what happened in both worlds."""
    happened: list[Json] = desk.stage.control("clock", {"advance": {"days": days}})["happened"]
    return happened


def job(desk: Desk, key: str) -> Json:
    """What the world tells about one job."""
    report = desk.stage.control("world?name=webagentur")
    found: Json = next(j for j in report["jobs"] if j["key"] == key)
    return found


def invoiced(desk: Desk, key: str) -> Json:
    """Bill a job as a client would, and open the invoice."""
    order = ref(job(desk, key)["order_confirmation_id"], "Order")
    return desk.sent(desk.made("Invoice/Factory/createInvoiceFromOrder", {"order": order})["id"])


def write_to(desk: Desk, recipient: str, subject: str) -> None:
    """Send a mail to a customer."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "lena@pixelwerk-web.example", recipient, subject
    message["Message-ID"] = f"<{subject.replace(' ', '.')}@pixelwerk-web.example>"
    message.set_content("Guten Tag")
    with desk.stage.smtp() as client:
        client.send_message(message)


def paid(desk: Desk, invoice: Json) -> tuple[str, Any]:
    """Status and paid amount."""
    found = desk.one(f"Invoice/{invoice['id']}")
    return found["status"], found["paidAmount"]


def test_first_day(world: Desk) -> None:
    """At the start two orders stand at 500, one is billed; the rest was confirmed and sent."""
    assert [row["id"] for row in world.rows("Order", status=500, orderType="AB")] == [
        job(world, key)["order_confirmation_id"] for key in ("kanzlei-barriere", "brauerei-shop")
    ]
    (billed,) = world.rows("Order", status=1000)
    assert billed["id"] == job(world, "alt-abgerechnet")["order_confirmation_id"]
    assert {row["origin"]["id"] for row in world.rows("Invoice")} == {billed["id"]}
    order = world.one(f"Order/{job(world, 'brauerei-shop')['order_confirmation_id']}")
    assert (order["create"][:19], order["orderDate"]) == ("2026-10-05T10:00:00", "2026-10-05T00:00:00+02:00")
    assert order["headText"] == "Auftrag: Relaunch des Onlineshops"


def test_whole_month(world: Desk) -> None:
    """After 29 days every signal was given: ten times 500, one delivery note, one tag, one rejection."""
    news = advance(world, 29)
    assert {n["world"] for n in news} == {"malerbetrieb", "webagentur"}
    assert [n["at"][:19] for n in news] == sorted(n["at"][:19] for n in news)
    assert len(world.rows("Order", status=500)) == 10
    assert [row["status"] for row in world.rows("Order", orderType="LI")] == ["200"]
    assert len(world.rows("Order", status=300)) == 1
    (tag,) = world.rows("Tag", name="fertig")
    query = {"tags[0][id]": tag["id"], "tags[0][objectName]": "Tag"}
    assert [row["id"] for row in world.rows("Order", **query)] == [
        job(world, "brauerei-fotos")["order_confirmation_id"]
    ]
    done = {j["key"]: j["done"] for j in world.stage.control("world?name=webagentur")["jobs"]}
    assert (done.pop("storno-kampagne"), done.pop("alt-abgerechnet")) == (False, False)
    assert all(done.values())


def test_payment_habits(world: Desk) -> None:
    """A customer pays when a mail with the number came: the brewery after six days, the law firm the next day."""
    shop, audit = invoiced(world, "brauerei-shop"), invoiced(world, "kanzlei-barriere")
    advance(world, 2)
    assert (paid(world, shop), paid(world, audit)) == (("200", 0), ("200", 0))
    write_to(world, "Rechnung@brauerei-goldhahn.example", f"Rechnung {shop['invoiceNumber']}")
    write_to(world, "kanzlei@oezdemir-recht.example", f"Rechnung {audit['invoiceNumber']}")
    advance(world, 2)
    assert (paid(world, shop)[0], paid(world, audit)[0]) == ("200", "1000")
    advance(world, 5)
    assert paid(world, shop) == ("1000", float(shop["sumGross"]))
    happened = [h["what"] for h in world.stage.control("world?name=webagentur")["happened"]]
    amount = f"{float(shop['sumGross']):.2f}"
    assert f"Zahlung {amount} EUR auf {shop['invoiceNumber']} von Brauerei Goldhahn & Söhne GmbH" in happened
    (line,) = [row for row in world.rows("CheckAccountTransaction") if row["paymtPurpose"] == shop["invoiceNumber"]]
    assert (line["status"], line["amount"]) == ("400", shop["sumGross"])


def test_mails_of_sevdesk_reach_customers(world: Desk) -> None:
    """An invoice sent by sendViaEmail is read and paid like one that came through the mail server."""
    audit = invoiced(world, "kanzlei-barriere")
    body = {"toEmail": "kanzlei@oezdemir-recht.example", "subject": "Ihre Rechnung", "text": "Guten Tag"}
    world.made(f"Invoice/{audit['id']}/sendViaEmail", body)
    advance(world, 2)
    assert paid(world, audit)[0] == "1000"


def test_half_now_half_later(world: Desk) -> None:
    """The photographer pays in two parts, 750 between them, after a gross invoice."""
    advance(world, 4)
    gallery = invoiced(world, "fotografin-galerie")
    assert gallery["sumGross"] == "1428"
    write_to(world, "maelle@schoenwaelder-foto.example", f"Rechnung {gallery['invoiceNumber']}")
    advance(world, 8)
    assert paid(world, gallery) == ("750", 714)
    advance(world, 5)
    assert paid(world, gallery) == ("1000", 1428)


def test_worlds_can_be_told_apart(world: Desk) -> None:
    """/_control/world shows the first world, ?name= any, /_control/worlds all; an unknown name is 404."""
    control = world.stage.control
    assert control("world")["world"] == "malerbetrieb"
    assert [(w["world"], w["system"]) for w in control("worlds")] == [
        ("malerbetrieb", "lexoffice"),
        ("webagentur", "sevdesk"),
    ]
    assert world.stage.http.get("/_control/world?name=zirkus").status_code == 404


def test_the_plan_has_variety() -> None:
    """The world holds what a demo needs, the two bad customers included."""
    plan = load("webagentur")
    assert len(plan.customers) >= 6
    assert len(plan.jobs) >= 10
    assert {c.habit for c in plan.customers.values()} <= plan.habits.keys()
    assert {j.signal for j in plan.jobs} == {"accepted", "delivery-note", "tag"}
    assert {j.outcome for j in plan.jobs} == {"done", "rejected", "billed"}
    assert {line.rate for j in plan.jobs for line in j.lines} == {7, 19}
    contacts = [plan.customers[j.customer].contact for j in plan.jobs]
    assert sum("mails" not in contact for contact in contacts) == 1
    assert sum("address" not in contact for contact in contacts) == 1
    assert any("familyname" in contact for contact in contacts)
