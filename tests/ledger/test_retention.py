"""Papers whose time is over go, others stay, and the journal tells of each."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billing.contracts import Bill, Billed
from ledger import contracts, journal, retention
from ledger.archive import Archive, ArchiveFault
from ledger.database import Ledger
from ledger.overrides import NothingToDecide, Word
from ledger.tables import DocumentRow, InvoiceRow, JobRow, JournalRow
from tests.billing.test_contracts import TERMS, contract
from tests.ledger.samples import CLIENT, NOW, add_invoice

WORD = Word("Frau Sommer", "Frist abgelaufen")
LETTERS_END, VOUCHERS_END = date(2033, 1, 1), date(2035, 1, 1)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An empty archive."""
    return Archive(tmp_path / "archive")


def paper(ledger: Ledger, archive: Archive, invoice_id: int, kind: str, content: bytes) -> str:
    """A document of 2026 in ledger and archive; its hash."""
    name = archive.put(content)
    with ledger.writing() as session:
        session.add(
            DocumentRow(
                client=CLIENT, invoice_id=invoice_id, kind=kind, sha256=name, media_type="application/pdf",
                name=kind, size=len(content), template_version="1", created_at=NOW,
            )
        )  # fmt: skip
    return name


def invoice(ledger: Ledger, name: str, open_amount: str) -> int:
    """The id of an invoice of 2026 with so much open."""
    with ledger.writing() as session:
        row = add_invoice(session, name)
        row.open_amount = Decimal(open_amount)
        return row.id


def expired(ledger: Ledger, today: date) -> list[retention.Expired]:
    """What may go that day."""
    with ledger.reading() as session:
        return list(retention.expired(session, today))


def test_letters_go_before_vouchers(ledger: Ledger, archive: Archive) -> None:
    """Of a paid invoice of 2026 the mail may go in 2033 and the invoice in 2035, not a day earlier."""
    paid = invoice(ledger, "1", "0.00")
    paper(ledger, archive, paid, "invoice-pdf", b"pdf")
    paper(ledger, archive, paid, "invoice-mail", b"mail")

    assert expired(ledger, date(2032, 12, 31)) == []
    assert [each.kind for each in expired(ledger, LETTERS_END)] == ["invoice-mail"]
    assert {each.kind for each in expired(ledger, VOUCHERS_END)} == {"invoice-pdf", "invoice-mail"}


def test_open_claims_keep_their_papers(ledger: Ledger, archive: Archive) -> None:
    """Who still has a claim needs its papers, however old."""
    paper(ledger, archive, invoice(ledger, "1", "10.00"), "invoice-pdf", b"pdf")

    assert expired(ledger, date(2099, 1, 1)) == []


def test_purged_papers_are_gone_and_told(ledger: Ledger, archive: Archive) -> None:
    """Bytes and row are gone, the journal names them and its chain still holds; a second time nothing is left."""
    paid = invoice(ledger, "1", "0.00")
    name = paper(ledger, archive, paid, "invoice-pdf", b"pdf")
    found = expired(ledger, VOUCHERS_END)

    assert retention.purge(ledger, archive, found, WORD, NOW) == 1
    assert retention.purge(ledger, archive, found, WORD, NOW) == 0

    with pytest.raises(ArchiveFault, match="fehlt"):
        archive.get(name)
    with ledger.reading() as session:
        assert list(journal.faults(session)) == []
        told = [entry.facts for entry in journal.entries(session, paid) if entry.event == "document purged"]
        assert session.get(InvoiceRow, paid) is not None
    assert [(facts["sha256"], facts["by"]) for facts in told] == [(name, "Frau Sommer")]


def ended_contract(ledger: Ledger, ends_on: date | None, open_amount: str = "0.00") -> None:
    """The contract V-1 from November 2026 on, billed for that month."""
    invoice_id = invoice(ledger, "1", open_amount)
    made = Bill(date(2026, 11, 1), date(2026, 11, 30), ())
    with ledger.writing() as session:
        job = session.get_one(JobRow, session.get_one(InvoiceRow, invoice_id).job_id)
        row = contracts.add(session, CLIENT, contract(made.first), "Frieda Frei", Billed(), TERMS, WORD, NOW)
        contracts.bill(session, row, 1, made, job, TERMS, NOW)
        if ends_on:
            contracts.end(session, row, NOW.date(), ends_on, "Büro", TERMS, WORD, NOW)


def contracts_expired(ledger: Ledger, today: date) -> list[retention.ExpiredContract]:
    """Contracts whose customers may be forgotten that day."""
    with ledger.reading() as session:
        return retention.expired_contracts(session, today)


def test_a_contract_forgets_its_customer_with_its_vouchers(ledger: Ledger) -> None:
    """Eight years after that of its end; the journal says so, and its number is not given a second time."""
    ended_contract(ledger, date(2026, 11, 30))
    assert contracts_expired(ledger, date(2034, 12, 31)) == []
    found = contracts_expired(ledger, VOUCHERS_END)
    assert [each.number for each in found] == ["V-1"]
    assert [retention.forget(ledger, found, WORD, NOW) for _ in range(2)] == [1, 0]
    assert contracts_expired(ledger, VOUCHERS_END) == []
    with ledger.writing() as session:
        row = contracts.named(session, CLIENT, "V-1")
        assert (row.customer_key, len(contracts.bills(session, row))) == ("", 1)
        assert [entry.facts["by"] for entry in session.query(JournalRow).filter_by(event="contract purged")] == [
            "Frau Sommer"
        ]
        assert list(journal.faults(session)) == []
        with pytest.raises(NothingToDecide, match="gibt es schon"):
            contracts.add(session, CLIENT, contract(NOW.date()), "10307", Billed(), TERMS, WORD, NOW)


@pytest.mark.parametrize(("ends_on", "open_amount"), [(None, "0.00"), (date(2026, 11, 30), "5.00")])
def test_a_contract_that_matters_keeps_its_customer(ledger: Ledger, ends_on: date | None, open_amount: str) -> None:
    """One that runs, and one of which money is still owed."""
    ended_contract(ledger, ends_on, open_amount)
    assert contracts_expired(ledger, date(2099, 1, 1)) == []


def test_shared_bytes_stay_while_somebody_names_them(ledger: Ledger, archive: Archive) -> None:
    """Two invoices with the same paper: as long as one is open, the bytes stay."""
    name = paper(ledger, archive, invoice(ledger, "1", "0.00"), "invoice-pdf", b"same")
    paper(ledger, archive, invoice(ledger, "2", "5.00"), "invoice-pdf", b"same")

    retention.purge(ledger, archive, expired(ledger, VOUCHERS_END), WORD, NOW)

    assert archive.get(name) == b"same"
