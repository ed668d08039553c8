"""A client whose bank is read by FinTS, over the whole chain: booked once, fresh or not, and what a person must do."""

from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from desk import bank_access
from flows.chain.steps import REMIND, TRACK
from flows.report import Result
from flows.wiring import at_work
from ledger import notices
from ledger.overrides import NothingToDecide
from ledger.tables import IncomingRow
from tests.flows.business import CLIENT, Business
from tests.flows.test_money import FIRST, decisions, rewrite

BANK = """  konto:
    module: fints
    url: {url}
    bank_code: "{bank_code}"
    username: {username}
    pin: {{file: pin}}
    iban: {iban}
    product_id: RECHNUNGSBOTE
"""
NEXT = "2026-11-24T09:00:00+01:00"
LINE = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-11-20</Dt></BookgDt><ValDt><Dt>2026-11-20</Dt></ValDt><AcctSvcrRef>77001</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Pty>
<Nm>Bäckerei Özdemir GmbH</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>{purpose}</Ustrd></RmtInf></TxDtls></NtryDtls>
</Ntry>"""
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.052.001.08"><BkToCstmrAcctRpt><Rpt>
<CreDtTm>2026-11-23T07:00:00+01:00</CreDtTm><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{lines}</Rpt></BkToCstmrAcctRpt></Document>"""


@pytest.fixture
def banked(business: Business) -> Business:
    """A business with two invoices of 2 November; its bank folder is empty, its bank knows of one payment."""
    contact = business.customer()
    for _ in range(2):
        business.finished_job(contact)
    business.run()
    business.keep_secret("pin", business.stage.ready["fints"]["pin"])
    (business.folder / "clients" / "bank").mkdir()
    rewrite(
        business,
        "  mail:\n    module: smtp",
        BANK.format(**business.stage.ready["fints"]) + "  mail:\n    module: smtp",
    )
    rewrite(business, "payments: {system: lexware}", "payments: {system: lexware, bank: konto, bank_folder: bank}")
    business.stage.control("bank", {"statements": [statement(business, business.invoices()[0].gross)]})
    return business


def statement(business: Business, amount: Decimal) -> str:
    """What the bank knows: one payment of the first invoice."""
    lines = LINE.format(amount=amount, purpose="Rechnung RE1001")
    return CAMT.format(iban=business.stage.ready["fints"]["iban"], lines=lines)


def booked(business: Business) -> list[tuple[str, Decimal]]:
    """State and amount of what came in."""
    with business.house() as house, house.ledger.reading() as session:
        return [(row.state, row.amount) for row in session.scalars(select(IncomingRow))]


def tasks(business: Business) -> list[str]:
    """The open tasks about the access."""
    with business.house() as house, house.ledger.reading() as session:
        return [task.body for task in notices.tasks(session, CLIENT) if task.key.startswith("bank-access/")]


def test_a_payment_is_booked_once_by_bank_and_file(banked: Business) -> None:
    """What the bank reported is not booked again when its file comes; of the other invoice the customer is reminded."""
    banked.run(TRACK, REMIND, at=FIRST)
    assert [row.open_amount for row in banked.invoices()] == [0, banked.invoices()[1].gross]
    first = booked(banked)
    assert first == [("booked", banked.invoices()[0].gross)]
    (banked.folder / "clients" / "bank" / "auszug.xml").write_text(statement(banked, first[0][1]), "utf-8")
    banked.run(TRACK, at=NEXT)
    assert booked(banked) == first
    ((outcome, level, against),) = decisions_of_second(banked)
    assert (outcome, level, against) == ("notice", 1, [])


def test_another_format_of_the_same_account_is_refused(banked: Business) -> None:
    """MT940 names the same movement otherwise: what the bank gives beside such a file is not booked, and it is told."""
    text = f":20:1\n:25:{banked.stage.ready['fints']['iban']}\n:28C:1/1\n:60F:C261119EUR0,00\n:62F:C261120EUR0,00\n-\n"
    (banked.folder / "clients" / "bank" / "auszug.sta").write_text(text, "utf-8")
    report = banked.run(TRACK, at=FIRST)["track"]
    assert ["zwei Formaten" in entry.text for entry in report.entries if entry.result is Result.REFUSED] == [True]
    assert booked(banked) == []


def test_a_confirmation_makes_one_task_and_stops_reminders(banked: Business) -> None:
    """While the bank wants a confirmation nobody is reminded and one task says what to type; then all goes on."""
    known = statement(banked, banked.invoices()[0].gross)
    banked.stage.control("bank", {"statements": [known], "asks": True})
    for at in (FIRST, NEXT):
        report = banked.run(TRACK, REMIND, at=at)["track"]
        assert "payment access" in report.failures[-1].text
    (task,) = tasks(banked)
    assert "wird nicht gemahnt" in task
    assert [code for _, _, against in decisions(banked) for code in against].count("bank-stale") == 2
    with banked.house() as house, at_work(house, house.client(CLIENT), datetime.fromisoformat(NEXT)) as work:
        assert work.bank is not None
        work.bank.confirm(lambda words: "", lambda seconds: None)  # type: ignore[attr-defined]
    banked.run(TRACK, REMIND, at="2026-11-25T09:00:00+01:00")
    assert booked(banked) == [("booked", banked.invoices()[0].gross)]
    assert decisions_of_second(banked)[0][0] == "notice"


def test_the_command_opens_the_access(banked: Business) -> None:
    """`payment access` says that the access is confirmed; without a bank, or with a wrong PIN, what to change."""
    with banked.house() as house:
        assert "bestätigt" in bank_access.confirm(house, house.client(CLIENT))
    banked.keep_secret("pin", "99999")
    with banked.house() as house, pytest.raises(NothingToDecide, match="PIN abgelehnt"):
        bank_access.confirm(house, house.client(CLIENT))
    rewrite(banked, "bank: konto, ", "")
    with banked.house() as house, pytest.raises(NothingToDecide, match=r"payments\.bank"):
        bank_access.confirm(house, house.client(CLIENT))


def decisions_of_second(business: Business) -> list[tuple[str, int | None, list[str]]]:
    """The last decision about the invoice that is not paid."""
    second = business.invoices()[1]
    with business.house() as house, house.ledger.reading() as session:
        kept = notices.latest(session, second.id)
    assert kept is not None
    return [(kept.outcome, kept.level, [reason["code"] for reason in kept.reasons if not reason["speaks_for"]])]
