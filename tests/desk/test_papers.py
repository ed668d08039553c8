"""Previews at the desk: any kind, for a client and a customer of the ledger."""

from pathlib import Path

import pypdf
import pytest

from desk.console import Exit
from desk.papers import show_preview
from tests.flows.business import CLIENT, Business
from tests.sandbox.running import line


@pytest.fixture
def number(business: Business) -> str:
    """The number of a customer with an invoice and a look of his own."""
    contact = business.customer()
    found = str(business.stage.read(f"contacts/{contact}")["roles"]["customer"]["number"])
    facts = f'customers:\n  "{found}": {{kind: business, look: {{footer: [Rahmen 17]}}}}\n'
    business.client_file.write_text(business.client_file.read_text("utf-8") + facts, "utf-8")
    business.finished_job(contact, lineItems=[line(3, 70, name="Türen lackieren")])
    business.run()
    return found


def preview(business: Business, kind: str, number: str | None, folder: Path) -> str:
    """The words of a preview."""
    with business.house() as house:
        assert show_preview(house, kind, house.client(CLIENT), number, folder, png=False) is Exit.FINE
    (file,) = folder.glob("*.pdf")
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(file).pages).split())


def test_kinds_are_about_the_customers_invoice(business: Business, number: str, tmp_path: Path) -> None:
    """Each kind shows the customer with his look; those about an invoice show his latest."""
    for kind, amount in (("storno", "−249,90"), ("mahnung-letzte", "249,90"), ("abschlag", "")):
        text = preview(business, kind, number, tmp_path / kind)
        assert "Bäckerei Özdemir GmbH" in text
        assert "Rahmen 17" in text
        assert amount in text
        assert ("RE1001" in text) is bool(amount)


def test_an_invoice_by_its_number(business: Business, number: str, tmp_path: Path) -> None:
    """A number shows that invoice as it would be printed today."""
    text = preview(business, "RE1001", None, tmp_path / number)
    assert "Türen lackieren" in text
    assert "Rahmen 17" in text


def test_an_unknown_customer_is_told(business: Business, tmp_path: Path) -> None:
    """Nobody of that number: the command says so and ends with 2."""
    with business.house() as house:
        ended = show_preview(house, "storno", house.client(CLIENT), "99999", tmp_path, png=False)
    assert ended is Exit.CONFIGURATION
