"""The painter's business: what is in it, and that it acts only as the clock and the mails say."""

import re
from email.message import EmailMessage
from typing import Any

import pytest

from sandbox.plan import load, world_names
from tests.sandbox.running import Json, Stage


@pytest.fixture
def world(painter: Stage) -> Stage:
    """The painter's business at its first day."""
    painter.control("reset", {})
    painter.control("index-lag", {"seconds": 0})
    return painter


def advance(stage: Stage, days: int) -> list[str]:
    """Move the clock; what happened."""
    return [news["what"] for news in stage.control("clock", {"advance": {"days": days}})["happened"]]


def job(stage: Stage, key: str) -> Json:
    """What the world tells about one job."""
    found: Json = next(j for j in stage.control("world")["jobs"] if j["key"] == key)
    return found


def invoice_for(stage: Stage, key: str) -> Json:
    """Invoice a finished job as a client would: the order confirmation's contents, pursued."""
    order = stage.read(f"order-confirmations/{job(stage, key)['order_confirmation_id']}")
    order["lineItems"] = [{k: v for k, v in item.items() if k != "lineItemAmount"} for item in order["lineItems"]]
    order["voucherDate"] = stage.control("clock")["now"][:10] + "T00:00:00.000+01:00"
    return stage.made("invoices", order, finalize="true", precedingSalesVoucherId=order["id"])


def write_to(stage: Stage, recipient: str, subject: str, attachment: str = "") -> None:
    """Send a mail to a customer."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "rechnung@malerbetrieb-sommer.example", recipient, subject
    message["Message-ID"] = f"<{subject.replace(' ', '.')}.{attachment}@malerbetrieb-sommer.example>"
    message.set_content("Guten Tag")
    if attachment:
        message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename=attachment)
    with stage.smtp() as client:
        client.send_message(message)


def paid(stage: Stage, invoice: Json) -> Any:
    """Open amount and number of payments of an invoice."""
    found = stage.read(f"payments/{invoice['id']}")
    return found["openAmount"], len(found["paymentItems"])


def test_first_day(world: Stage) -> None:
    """When the stage opens, jobs of day 0 are done and what was ordered before is confirmed, with its dates."""
    report = world.control("world")
    assert report["first_day"] == "2026-11-02"
    assert [j["key"] for j in report["jobs"] if j["done"]] == ["treppenhaus", "wohnzimmer"]
    done = job(world, "treppenhaus")
    note = world.read(f"delivery-notes/{done['delivery_note_id']}")
    assert note["voucherStatus"] == "open"
    assert [related["id"] for related in note["relatedVouchers"]] == [done["order_confirmation_id"]]
    order = world.read(f"order-confirmations/{done['order_confirmation_id']}")
    assert order["createdDate"].startswith("2026-10-12T10:00:00.0")
    assert order["createdDate"].endswith("+02:00")
    assert order["shippingConditions"] == {
        "shippingType": "serviceperiod",
        "shippingDate": "2026-10-28T00:00:00.000+01:00",
        "shippingEndDate": "2026-11-02T00:00:00.000+01:00",
    }


def test_whole_month(world: Stage) -> None:
    """After 31 days all 25 jobs are done, each with an open delivery note made on its day at 16:00."""
    assert advance(world, 1) == []
    world.control("clock", {"now": "2026-11-03T16:30:00+01:00"})
    assert [news["what"] for news in world.control("world")["happened"][-3:]] == [
        "Auftrag bestätigt: Wandbild Regenbogen, Kindertagesstätte Regenbogen e. V., AB1017",
        "Auftrag erledigt: Fassade Neubau Gundelfingen, Brandt & Söhne Bau GmbH, LS1003",
        "Auftrag erledigt: Kinderzimmer farbig streichen, Çağlar Yıldız, LS1004",
    ]
    advance(world, 29)
    jobs = world.control("world")["jobs"]
    assert len(jobs) == 25
    assert all(j["done"] for j in jobs)
    listed = world.read("voucherlist", voucherType="deliverynote", voucherStatus="open", size=250)["content"]
    made = {row["id"]: row["createdDate"] for row in listed}
    assert made[job(world, "kueche")["delivery_note_id"]].startswith("2026-11-09T16:00:00")
    assert len(listed) == 25


def test_nobody_pays_without_a_mail(world: Stage) -> None:
    """Even a prompt customer does not pay an invoice that never reached him."""
    invoice = invoice_for(world, "wohnzimmer")
    write_to(world, "jemand@anderes.example", f"Rechnung {invoice['voucherNumber']}")
    write_to(world, "juergen.hoffmann@familie-hoffmann.example", f"Rechnung {invoice['voucherNumber']}0")
    advance(world, 30)
    assert paid(world, invoice)[1] == 0


def test_prompt_payment_at_nine(world: Stage) -> None:
    """The customer pays six days after the mail at 09:00; the number may stand in the attachment's name only."""
    invoice = invoice_for(world, "wohnzimmer")
    write_to(world, "Juergen.Hoffmann@familie-hoffmann.example", "Ihre Rechnung", f"RE_{invoice['voucherNumber']}.pdf")
    advance(world, 6)
    assert paid(world, invoice) == (invoice["totalPrice"]["totalGrossAmount"], 0)
    world.control("clock", {"advance": {"hours": 1, "minutes": 1}})
    found = world.read(f"payments/{invoice['id']}")
    assert (found["openAmount"], found["paidDate"][:19]) == (0, "2026-11-08T09:00:00")
    what = world.control("world")["happened"][-1]["what"]
    assert re.fullmatch(r"Zahlung \d+\.\d\d EUR auf RE1001 von Jürgen Hoffmann", what)


def test_habits(world: Stage) -> None:
    """Half now and half later, twice, only after a reminder, or never: each as planned."""
    advance(world, 8)
    invoices = {key: invoice_for(world, key) for key in ("flur", "behandlungsraum", "gastraum", "kueche")}
    customers = {j["key"]: j["customer"] for j in world.control("world")["jobs"]}
    mails = {c["name"]: c["email"][0] for c in world.control("world")["customers"] if c["email"]}
    for key, invoice in invoices.items():
        write_to(world, mails[customers[key]], f"Rechnung {invoice['voucherNumber']}")
    advance(world, 8)
    assert [paid(world, invoices[key])[1] for key in invoices] == [1, 1, 0, 0]
    assert paid(world, invoices["flur"])[0] == pytest.approx(
        invoices["flur"]["totalPrice"]["totalGrossAmount"] / 2, abs=0.01
    )
    advance(world, 8)
    assert [paid(world, invoices[key])[1] for key in invoices] == [2, 2, 0, 0]
    for _ in range(2):
        write_to(world, mails[customers["kueche"]], f"Zahlungserinnerung {invoices['kueche']['voucherNumber']}")
    advance(world, 3)
    assert [paid(world, invoices[key])[0] == 0 for key in invoices] == [True, True, False, True]


def test_copies_of_a_mail_are_no_reminder(world: Stage) -> None:
    """The same Message-ID again does not count as a second mail."""
    advance(world, 8)
    invoice = invoice_for(world, "kueche")
    for _ in range(2):
        write_to(world, "a.wojcik-luczak@poczta.example", f"Rechnung {invoice['voucherNumber']}")
    advance(world, 20)
    assert paid(world, invoice)[1] == 0


def test_the_clock_keeps_wall_time(world: Stage) -> None:
    """A day later is the same wall time, also across the change of clocks."""
    world.control("clock", {"now": "2027-03-27T08:00:00+01:00"})
    assert world.control("clock", {"advance": {"days": 1}})["now"].startswith("2027-03-28T08:00:0")
    assert world.control("clock", {"advance": {"hours": 2.5}})["now"].startswith("2027-03-28T10:30:0")


def test_every_customer_is_made_up() -> None:
    """All mail domains end in .example."""
    for name in world_names():
        for customer in load(name).customers.values():
            assert all(
                a.endswith(".example") for a in re.findall(r"\S+@[\w.-]+", str(customer.contact).replace("'", " "))
            )


def test_the_plan_has_variety() -> None:
    """The world holds the cases a demo needs, the two bad ones included."""
    plan = load("malerbetrieb")
    assert len(plan.customers) >= 14
    assert len(plan.jobs) == 25
    assert {customer.habit for customer in plan.customers.values()} <= plan.habits.keys()
    lines = [line for job in plan.jobs for line in job.lines]
    assert {"Stunde", "m²", "Stück", "Pauschale", "Liter"} <= {line.unit for line in lines}
    rates = [{line.rate for line in job.lines if line.quantity is not None} for job in plan.jobs]
    assert {7} in rates
    assert {7, 19} in rates
    assert {19} in rates
    assert any(line.discount for line in lines)
    assert any(job.discount_percent for job in plan.jobs)
    assert any(job.tax == "gross" for job in plan.jobs)
    assert max(len(job.lines) for job in plan.jobs) == 30
    contacts = [plan.customers[job.customer].contact for job in plan.jobs]
    assert sum("emailAddresses" not in contact for contact in contacts) == 1
    assert sum("addresses" not in contact for contact in contacts) == 1
