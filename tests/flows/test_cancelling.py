"""Cancelling from the desk: the real document, once, and not a reminder more."""

import hashlib
from datetime import datetime

import pytest

from config.client import policy_of
from desk import deciding
from documents.einvoice_reading import parse
from documents.invoice import Paper
from flows.chain.steps import COLLECT, ISSUE, RECONCILE, TRACK, TRANSMIT
from flows.report import Result
from ledger import cancelling, invoices
from ledger.effects import State
from ledger.overrides import NothingToDecide, Word
from ledger.story import Story, of
from ledger.tables import InvoiceRow
from tests.connectors.sevdesk_world import accepted_order, contact_in
from tests.documents.reading import words
from tests.flows.business import CLIENT, TODAY, Business
from tests.flows.letters import add_service, letters
from tests.flows.test_chain import FIRST_REMINDER
from tests.sandbox.running import Json

WORD = Word("Anna", "Doppelt berechnet, peinlich")
LATER = "2026-11-03T09:00:00+01:00"
AFTER_QUIET = ("2026-11-03T10:00:00+01:00", "2026-11-03T11:00:00+01:00", "2026-11-03T12:00:00+01:00")
NEXT_DAY = "2026-11-24T09:00:00+01:00"


@pytest.fixture
def agency(business: Business) -> Business:
    """The business with its accounts at sevDesk and one invoice sent."""
    facts = business.stage.ready["sevdesk"]
    business.keep_secret("lexware", facts["api_key"])
    text = business.client_file.read_text("utf-8")
    text = text.replace("module: lexoffice", "module: sevdesk")
    text = text.replace("signal: delivery_note", "signal: order_accepted\n    contact_person: 240501")
    business.client_file.write_text(text.replace(business.stage.ready["http"], facts["base_url"]), "utf-8")
    accepted_order(business.stage, contact_in(business.stage).external_id)
    return business


def test_the_customer_gets_a_real_cancellation(agency: Business) -> None:
    """Made in the books with its own number, on paper as BT-3 384 about the invoice, mailed once; the claim ends."""
    agency.run()
    said = _cancel(agency)
    assert "geht an den Kunden" in said
    for at in (LATER, AFTER_QUIET[0]):
        agency.run(at=at)
    (row,) = agency.invoices()
    storno = _cancellation(agency)
    assert row.is_voided
    assert row.open_amount == 0
    assert row.check_on is None
    assert [item.standing for item in agency.receivables(LATER)] == ["storniert"]
    (_, mail) = agency.mails()
    assert storno["invoiceNumber"] in mail["subject"]
    story = _story(agency)
    pdf, xml = (_document(agency, story, kind) for kind in (cancelling.PDF, cancelling.XML))
    printed = words(Paper(pdf, xml, "", ""))
    assert "Stornorechnung" in printed
    assert storno["invoiceNumber"] in printed
    assert str(row.number) in printed
    assert "peinlich" not in printed
    assert _fact(xml, "ExchangedDocument/TypeCode") == "384"
    assert _fact(xml, "InvoiceReferencedDocument/IssuerAssignedID") == row.number
    assert agency.cases() == []
    assert not [task for task in story.tasks if task.closed_at is None]


def test_who_got_a_letter_gets_the_cancellation_as_one(agency: Business) -> None:
    """The same document goes by post, once, to a customer who is written to on paper; no mail leaves."""
    add_service(agency)
    text = agency.client_file.read_text("utf-8")
    agency.client_file.write_text(text.replace("channel: mail", "channel: post"), "utf-8")
    agency.run()
    _cancel(agency)
    for at in (LATER, AFTER_QUIET[0]):
        agency.run(at=at)
    invoice, cancellation = letters(agency)
    paper = _document(agency, _story(agency), cancelling.PDF)
    assert [each["notice"].rpartition("/")[2] for each in (invoice, cancellation)] == [
        "invoice-letter", "cancellation-letter",
    ]  # fmt: skip
    assert cancellation["sha256"] == hashlib.sha256(paper).hexdigest()
    assert (agency.mails(), agency.cases()) == ([], [])


@pytest.mark.parametrize("kind", ["gateway-timeout-before-effect", "gateway-timeout-after-effect"])
def test_a_fault_on_the_way_neither_doubles_nor_loses_it(agency: Business, kind: str) -> None:
    """An unknown outcome is looked up: one cancellation and one mail about it, whatever happened in between."""
    agency.run()
    _cancel(agency)
    agency.fault(method="POST", path_regex="cancelInvoice", kind=kind)
    (entry,) = agency.run(ISSUE, at=LATER)["issue"].entries
    assert entry.result is Result.UNKNOWN
    for at in AFTER_QUIET:
        agency.run(at=at)
    assert _cancellation(agency)["invoiceType"] == "SR"
    assert (len(agency.mails()), agency.cases()) == (2, [])


def test_a_death_between_the_act_and_the_note_is_made_good(agency: Business) -> None:
    """The books say cancelled before we do: no task for a person, and the document still goes out."""
    agency.run()
    _cancel(agency)
    agency.fault(method="POST", path_regex="cancelInvoice", kind="reset-after-effect")
    agency.run(ISSUE, TRACK, at=LATER)
    assert agency.invoices()[0].is_voided
    for at in AFTER_QUIET:
        agency.run(RECONCILE, TRANSMIT, at=at)
    assert len(agency.mails()) == 2
    assert _story(agency).tasks == []


def test_reminders_stop_with_the_word_itself(agency: Business) -> None:
    """Also while the accounting system is away nobody is reminded; taking the word back lets dunning go on."""
    agency.run()
    _cancel(agency)
    agency.fault(method="POST", path_regex="cancelInvoice", kind="503", times=None)
    agency.run(at=FIRST_REMINDER)
    assert len(agency.mails()) == 1
    agency.stage.http.delete("/_control/faults")
    with agency.house() as house:
        policy = policy_of(house.client(CLIENT).config)
        at = datetime.fromisoformat(FIRST_REMINDER)
        deciding.decide(house.ledger, _row(agency).id, "give-up", policy, WORD, at)
    agency.run(at=NEXT_DAY)
    assert len(agency.mails()) == 2
    assert _cancellations(agency) == []


def test_what_never_left_is_cancelled_without_a_mail(agency: Business) -> None:
    """An invoice that waits to be sent stays here for good: its cancellation is filed and nobody gets any of both."""
    agency.run(COLLECT, ISSUE)
    assert "nicht bekommen" in _cancel(agency, TODAY)
    agency.run(at=LATER)
    assert (agency.mails(), agency.invoices()[0].is_voided) == ([], True)
    assert {paper.kind for paper in _story(agency).documents} == {cancelling.PDF, cancelling.XML}


def test_lexware_is_refused_with_the_cure(business: Business) -> None:
    """No program can cancel there: the refusal says where to do it, and nothing is written down."""
    business.finished_job()
    business.run()
    with pytest.raises(NothingToDecide, match=r"Bitte dort stornieren; der nächste Abgleich übernimmt es hierher\."):
        _cancel(business)
    story = _story(business)
    assert not story.said
    assert all(effect.state == State.DONE for effect, _ in story.effects)


def test_it_is_said_once(agency: Business) -> None:
    """A second press, one on a draft and one on a cancelled invoice mean nothing."""
    agency.run()
    _cancel(agency)
    with pytest.raises(NothingToDecide, match="schon veranlasst"):
        _cancel(agency)
    agency.run(at=LATER)
    with pytest.raises(NothingToDecide, match="schon storniert"):
        _cancel(agency)


def _cancel(business: Business, at: str = LATER) -> str:
    with business.house() as house:
        return deciding.cancel(house, _row(business).id, CLIENT, WORD, datetime.fromisoformat(at))


def _row(business: Business) -> InvoiceRow:
    (row,) = business.invoices()
    return row


def _story(business: Business) -> Story:
    with business.house() as house, house.ledger.reading() as session:
        return of(session, invoices.get(session, _row(business).id))


def _document(business: Business, story: Story, kind: str) -> bytes:
    (paper,) = [each for each in story.documents if each.kind == kind]
    with business.house() as house:
        return house.archive.get(paper.sha256)


def _cancellation(business: Business) -> Json:
    """The only cancellation in the books."""
    (found,) = _cancellations(business)
    return found


def _cancellations(business: Business) -> list[Json]:
    return [each for each in business.stage.control("sevdesk/invoices") if each["invoiceType"] == "SR"]


def _fact(xml: bytes, path: str) -> str:
    """The text of the first element at the end of a path of local names."""
    steps = "/".join(f"*[local-name()='{name}']" for name in path.split("/"))
    found = parse(xml).xpath(f"//{steps}")
    return str(found[0].xpath("string()")).strip()
