"""What a client's file says about customers, work and itself stands on the documents that customers get."""

import email.policy
import io
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

import pypdf
import pytest

from flows.chain.steps import CYCLE, ISSUE
from ledger import forms, overview
from tests.flows.business import Business
from tests.sandbox.running import Json, Stage, line

SELLER = """\
  withholding_exemption: {number: 143/5733/0042, valid_until: 2028-12-31}
  creditor_id: DE98ZZZ09999999999
  turnover: {2025: 640000.00}
"""
WORK = """\
work:
  property: [Garten]
  construction: [Fassade]
  labour: {units: [Stunde], words: [Anfahrt]}
"""
COMPANY = {"name": "Bäckerei Özdemir GmbH"}


@dataclass
class Delivered:
    """What one customer got, by the file names in his mail, and how the ledger knows it."""

    text: str = ""
    attached: dict[str, bytes] = field(default_factory=dict)
    form: str = ""
    reason: str = ""

    @property
    def pdf(self) -> pypdf.PdfReader:
        """The PDF, opened."""
        return pypdf.PdfReader(io.BytesIO(next(each for name, each in self.attached.items() if name.endswith(".pdf"))))

    @property
    def page(self) -> str:
        """All words of the PDF, single-spaced."""
        return " ".join(" ".join(page.extract_text() for page in self.pdf.pages).split())

    @property
    def xml(self) -> str:
        """The electronic invoice, inside the PDF or beside it."""
        beside = [each for name, each in self.attached.items() if name.endswith(".xml")]
        return (beside or self.pdf.attachments["factur-x.xml"])[0].decode()


class Shop(Business):
    """A business whose file knows its customers by number."""

    def known(self, exception: str = "", **changes: object) -> str:
        """A new customer of whom the client's file says something; his id."""
        contact = self.customer(**changes)
        number = self.stage.read(f"contacts/{contact}")["roles"]["customer"]["number"]
        self.exceptions = {**getattr(self, "exceptions", {}), str(number): exception or "{}"}
        return contact

    def write_facts(self) -> None:
        """Put all of it into the client's file."""
        text = self.client_file.read_text("utf-8")
        customers = "".join(f'  "{number}": {facts}\n' for number, facts in self.exceptions.items())
        text = text.replace("systems:\n", SELLER + "systems:\n", 1)
        self.client_file.write_text(f"{text}{WORK}customers:\n{customers}", "utf-8")


def person(number: int) -> Json:
    """A private customer."""
    return {
        "company": None,
        "person": {"firstName": "Käthe", "lastName": "Weiß"},
        "emailAddresses": {"private": [f"kunde{number}@privat.example"]},
    }


def company(number: int) -> Json:
    """A business customer."""
    return {"company": COMPANY, "emailAddresses": {"business": [f"kunde{number}@firma.example"]}}


@pytest.fixture(scope="module")
def delivered(flow_stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Delivered]:
    """One run over a job of each of these customers, and what they got by the name before the @."""
    flow_stage.control("reset", {})
    flow_stage.control("index-lag", {"seconds": 0})
    shop = Shop(flow_stage, tmp_path_factory.mktemp("shop"), quiet_seconds=60, backoff_first_seconds=60)
    facade = [line(8, 62, name="Fassade streichen"), line(1, 190, name="Farbe", unitName="Stück")]
    shop.finished_job(shop.known(**person(1)), lineItems=facade)
    shop.finished_job(
        shop.known("{direct_debit: {mandate: M-7, iban: DE75512108001245126199}}", **company(2)), lineItems=facade
    )
    certificate = "{vat_id: DE136695976, reverse_charge: {number: 1/2/3, valid_until: 2026-11-02}}"
    thirteen_b = {"lineItems": [line(8, 62, 0, name="Fassade streichen")]}
    shop.finished_job(
        shop.known(certificate, **company(3)), taxConditions={"taxType": "constructionService13b"}, **thirteen_b
    )
    shop.finished_job(shop.known("{buyer_reference: 04011000-1234512345-06, xrechnung: cii}", **company(4)))
    shop.finished_job(shop.known('{language: en, look: {closing: "See you soon.", footer: [Frame 17]}}', **company(5)))
    shop.write_facts()
    reports = shop.run(*CYCLE)
    assert [entry for report in reports.values() for entry in report.failures] == []
    return dict(read(shop, flow_stage.folder))


def read(shop: Shop, folder: Path) -> list[tuple[str, Delivered]]:
    """All mails of the stage with what the ledger knows of them."""
    known = {}
    with shop.house() as house, house.ledger.reading() as session:
        for row in shop.invoices():
            known[row.number] = forms.of(session, row.id)
    found = []
    for file in sorted((folder / "mails").glob("*.eml")):
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        body = mail.get_body(("plain",))
        assert body is not None
        got = Delivered(body.get_content())
        got.attached = {str(part.get_filename()): part.get_payload(decode=True) for part in mail.iter_attachments()}  # type: ignore[misc]
        form = next(form for number, form in known.items() if number and number in str(mail["Subject"]))
        assert form is not None
        got.form, got.reason = form.form, form.reason
        found.append((str(mail["To"]).partition("@")[0], got))
    return found


def test_private_customers_read_labour_and_their_duty(delivered: dict[str, Delivered]) -> None:
    """Hours count as labour with their VAT, and work on a building brings the note of two years."""
    page = delivered["kunde1"].page
    assert "590,24" in page  # 8 x 62.00 with 19 %
    assert "§ 14b" in page
    assert "143/5733/0042" not in page


def test_a_mandate_is_debited(delivered: dict[str, Delivered]) -> None:
    """Paper and XML name mandate and creditor; no GiroCode asks for a second payment, and companies see § 48b."""
    got = delivered["kunde2"]
    for text in ("M-7", "DE98ZZZ09999999999"):
        assert text in got.page
        assert text in got.xml
    assert "DE75512108001245126199" in got.xml
    assert "DE75512108001245126199" not in got.page.replace(" ", "")
    assert "143/5733/0042" in got.page
    assert [image for page in got.pdf.pages for image in page.images] == []


def test_a_certificate_moves_the_tax(delivered: dict[str, Delivered]) -> None:
    """With USt 1 TG and VAT id from the file, construction work goes out under § 13b."""
    got = delivered["kunde3"]
    assert "Steuerschuldnerschaft des Leistungsempfängers" in got.page
    assert "<ram:CategoryCode>AE</ram:CategoryCode>" in got.xml
    assert "DE136695976" in got.xml


def test_a_reference_from_the_file_makes_an_xrechnung(delivered: dict[str, Delivered]) -> None:
    """A Leitweg-ID in the file makes a public customer, who gets the syntax that the file wants."""
    got = delivered["kunde4"]
    assert got.form == "xrechnung_cii"
    assert list(got.attached)[1] == "xrechnung.xml"
    assert "CrossIndustryInvoice" in got.xml
    assert "<ram:BuyerReference>04011000-1234512345-06</ram:BuyerReference>" in got.xml


def test_a_customer_has_language_and_look(delivered: dict[str, Delivered]) -> None:
    """Language, closing and footer of one customer differ from all others."""
    got = delivered["kunde5"]
    assert "Invoice" in got.page
    assert "See you soon." in got.page
    assert "Frame 17" in got.page
    assert "Frame 17" not in delivered["kunde1"].page


def test_every_form_has_its_reason(delivered: dict[str, Delivered]) -> None:
    """The ledger says of every invoice which row of the law's table decided."""
    assert {got.form for name, got in delivered.items() if name != "kunde4"} == {"zugferd"}
    assert "kein Unternehmer" in delivered["kunde1"].reason
    assert "bis Ende 2026" in delivered["kunde2"].reason


def test_vat_in_spite_of_a_certificate_is_held(business: Business) -> None:
    """Construction work for a customer who owes the tax himself does not go out with VAT."""
    shop = business
    contact = shop.customer()
    number = shop.stage.read(f"contacts/{contact}")["roles"]["customer"]["number"]
    facts = f'customers:\n  "{number}": {{reverse_charge: {{number: 1/2/3, valid_until: 2026-11-02}}}}\n'
    shop.client_file.write_text(shop.client_file.read_text("utf-8") + WORK + facts, "utf-8")
    shop.finished_job(contact, lineItems=[line(8, 62, name="Fassade streichen")])
    shop.run(*CYCLE[: CYCLE.index(ISSUE) + 1])
    (case,) = shop.cases()
    assert "USt 1 TG 1/2/3" in case.reason
    assert shop.upstream() == []


@pytest.mark.parametrize("fresh", [False, True], ids=["by the list", "before a reminder"])
def test_a_cancelled_invoice_wants_its_document(business: Business, fresh: bool) -> None:
    """Void upstream: no reminder goes out, and once somebody is asked to give the customer the cancellation."""
    business.finished_job()
    business.run()
    business.stage.control("actions/void", {"id": business.upstream()[0]["id"]})
    if fresh:
        business.fault(method="GET", path_regex="voucherlist", kind="500", times=None)
    for _ in range(2):
        business.run(at="2026-11-23T09:00:00+01:00")
    assert [item.standing for item in business.receivables("2026-11-23")] == ["storniert"]
    assert len(business.mails()) == 1
    with business.house() as house, house.ledger.reading() as session:
        (task,) = overview.open_tasks(session, ["sommer"])
    assert "Stornorechnung" in task.title
    assert "§ 14c" in task.body
