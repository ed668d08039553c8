"""sevDesk over a real connection to the stage: what we write is what we read, whatever goes wrong between."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest

from billing.comparing import differences
from billing.drafting import draft
from billing.invoices import Channel
from billing.jobs import Discount, Line, PriceMode, Terms
from billing.vat import totals
from connectors import sevdesk
from connectors.errors import (
    CannotExpress,
    Conflict,
    NotAuthorised,
    NotFound,
    Rejected,
    UnexpectedAnswer,
)
from connectors.protocols import AccountingSystem, DraftIssuer, JobSource, PaymentBook, PaymentSource, PdfSource
from tests.connectors.conftest import sevdesk_settings
from tests.connectors.drafts import MARKER, TODAY
from tests.connectors.sevdesk_world import accepted_order, by_hand, contact_in, draft_in, invoice_at, order_in
from tests.sandbox.running import Stage

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
Account = sevdesk.Sevdesk


def nowhere(phase: str) -> None:
    """A reach that commits nothing."""


def connect(stage: Stage, **changes: object) -> Account:
    """Another connection to the stage."""
    return sevdesk.connect(sevdesk_settings(stage, **changes), sleep=lambda seconds: None)


def test_one_connection_plays_all_parts(account: Account) -> None:
    """The connection is a job source, an accounting system with drafts, a payment source and a PDF source."""
    for part in (JobSource, AccountingSystem, DraftIssuer, PaymentSource, PdfSource):
        assert isinstance(account, part)


def test_period_stands_in_its_fields(stage: Stage, account: Account) -> None:
    """First and last day of performance arrive as such, and no mail leaves when the invoice is issued."""
    external_id = account.create(draft_in(stage, performed_from=date(2026, 10, 5)), nowhere)
    kept = invoice_at(stage, external_id)
    assert (kept["deliveryDate"][:10], kept["deliveryDateUntil"][:10]) == ("2026-10-05", "2026-11-01")
    assert stage.control("sevdesk/mails") == []


def test_rounding_of_another_kind_stays_a_draft(stage: Stage, account: Account) -> None:
    """Where sevDesk rounds otherwise, the invoice gets no number and the difference is told to the cent."""
    lines = (
        Line("Anstrich", Decimal("12.5"), "Std", Decimal("59.50"), Decimal(19), Decimal("2.5")),
        Line("Fachbuch", Decimal(3), "Stk", Decimal("10.70"), Decimal(7)),
    )
    discount = Discount(percent=Decimal("3"))
    sums = totals(lines, PriceMode.GROSS, discount)
    drafted = draft_in(stage, lines=lines, price_mode=PriceMode.GROSS, discount=discount, totals=sums)
    booked = account.read(account.create(drafted, nowhere))
    assert (booked.is_issued, booked.number) == (False, "")
    assert any("Bruttosumme" in told for told in differences(drafted, booked))


def test_done_job_becomes_its_invoice(stage: Stage, account: Account) -> None:
    """From accepted order over contact to an equal invoice that follows the order; then the order is seen as billed."""
    contact = contact_in(stage)
    order_id = accepted_order(stage, contact.external_id)
    (signal,) = account.signals(TODAY)
    job = account.job(signal.external_id)
    assert (job.external_id, job.order_id, job.version) == (order_id, order_id, signal.version)
    assert job.customer is not None
    assert (job.customer.email, job.customer.address.city) == ("rechnung@hansen.example", "Mainz")
    drafted = draft(job, Terms(14), Channel.MAIL, TODAY, MARKER)
    invoice_id = account.create(drafted, nowhere)
    assert differences(drafted, account.read(invoice_id)) == []
    assert account.job(order_id).invoiced_as == (account.read(invoice_id).number,)


def test_delivery_note_gives_the_order_behind_it(stage: Stage) -> None:
    """A delivery note made of an order is the signal, and the order is what is billed."""
    order_id = order_in(stage, contact_in(stage).external_id)
    account = connect(stage, signal="delivery_note")
    by_hand(stage, "packing-list", order_id)
    (signal,) = account.signals(TODAY)
    job = account.job(signal.external_id)
    assert (job.order_id, len(job.lines)) == (order_id, 2)
    assert job.references.delivery_note
    account.close()


@pytest.mark.parametrize("ignored", [(), ("tags",)], ids=["", "filter-ignored"])
def test_tag_is_a_signal(stage: Stage, ignored: tuple[str, ...]) -> None:
    """Only the order with the tag is done, also when the filter does nothing and another order changed later."""
    stage.control("sevdesk/settings", {"ignored_filters": ignored})
    contact = contact_in(stage)
    done, _ = (order_in(stage, contact.external_id) for _ in range(2))
    stage.control("clock", {"advance": {"days": 3}})
    by_hand(stage, "tag", done, name="fertig")
    account = connect(stage, signal="tag", tag="fertig")
    assert [signal.external_id for signal in account.signals(date(2026, 11, 5))] == [done]
    assert account.job(done).performed_from == date(2026, 11, 5)
    account.close()


def test_wrong_sum_is_not_issued(stage: Stage, account: Account) -> None:
    """A draft whose sums are not ours stays a draft without a number, and the difference is told."""
    drafted = draft_in(stage)
    wrong = replace(drafted, totals=replace(drafted.totals, gross=Decimal("1.00")))
    booked = account.read(account.create(wrong, nowhere))
    assert (booked.is_issued, booked.number) == (False, "")
    assert differences(drafted, booked) == ["Die Rechnung ist in der Buchhaltung noch ein Entwurf."]


@pytest.mark.parametrize("ignored", [(), ("customerIntenalNote", "origin", "createAfter", "invoiceType")])
def test_search_finds_only_our_marker(stage: Stage, account: Account, ignored: tuple[str, ...]) -> None:
    """Neither another marker, nor the cancellation of our invoice, nor ignored filters confuse the search."""
    drafted = draft_in(stage)
    mine = account.create(drafted, nowhere)
    account.create(replace(drafted, marker="RB-ZZZZ-ZZZZ-ZZZZ"), nowhere)
    by_hand(stage, "cancel", mine)
    stage.control("sevdesk/settings", {"ignored_filters": ignored})
    assert account.find(drafted, TODAY) == [mine]


def test_edited_reference_field_hides_nothing(stage: Stage, account: Account) -> None:
    """A person may put the customer's order number where our note was: the foot text still carries the marker."""
    drafted = draft_in(stage)
    mine = account.create(drafted, nowhere)
    by_hand(stage, "edit-invoice", mine, customerInternalNote="Best.-Nr. 5")
    assert account.find(drafted, TODAY) == [mine]
    assert differences(drafted, account.read(mine)) == []


@pytest.mark.parametrize("setting", ["cancelled_becomes_paid", "partial_stays_open", "total_as_number"])
def test_doubtful_statuses_change_nothing(stage: Stage, account: Account, setting: str) -> None:
    """Whichever status sevDesk gives cancelled and partly paid invoices, the facts are the same."""
    stage.control("sevdesk/settings", {setting: setting != "cancelled_becomes_paid"})
    drafted = draft_in(stage)
    partly, cancelled = (account.create(drafted, nowhere) for _ in range(2))
    stage.control("sevdesk/payments", {"invoice_id": int(partly), "amount": "100"})
    by_hand(stage, "cancel", cancelled)
    facts = {payment.external_id: payment.fact for payment in account.changes(TODAY, NOW)}
    assert facts[partly].open_amount == Decimal("149.89")
    assert facts[cancelled].is_voided


def test_payments_are_booked_in_part_and_in_full(stage: Stage) -> None:
    """A part and then the rest are booked on the chosen account; more than is open never is."""
    account = connect(stage, check_account=5135)
    assert isinstance(account, PaymentBook)
    invoice = account.create(draft_in(stage), nowhere)
    with pytest.raises(CannotExpress, match="249,89"):
        account.book(invoice, Decimal("250"), TODAY, nowhere)
    account.book(invoice, Decimal("100"), TODAY, nowhere)
    assert account.state(invoice, NOW).open_amount == Decimal("149.89")
    account.book(invoice, Decimal("149.89"), date(2026, 11, 1), nowhere)
    assert account.state(invoice, NOW).open_amount == 0
    kinds = [(paid["type"], paid["date"]) for paid in invoice_at(stage, invoice)["payments"]]
    assert kinds == [("N", "2026-11-02"), ("FULL_PAYMENT", "2026-11-01")]
    with pytest.raises(CannotExpress, match="nicht offen"):
        account.book(invoice, Decimal("1"), TODAY, nowhere)
    account.close()


def test_booking_needs_an_account(stage: Stage, account: Account) -> None:
    """Without a chosen account nothing is booked; an account that takes only bank lines is refused by sevDesk."""
    invoice = account.create(draft_in(stage), nowhere)
    with pytest.raises(CannotExpress, match="check_account"):
        account.book(invoice, Decimal("1"), TODAY, nowhere)
    online = connect(stage, check_account=5133)
    with pytest.raises(Rejected):
        online.book(invoice, Decimal("1"), TODAY, nowhere)
    online.close()


def test_invoice_put_back_to_draft(stage: Stage, account: Account) -> None:
    """A draft is no payment state and no issued invoice."""
    invoice = account.create(draft_in(stage), nowhere)
    by_hand(stage, "to-draft", invoice)
    assert not account.read(invoice).is_issued
    assert list(account.changes(TODAY, NOW)) == []
    with pytest.raises(Conflict):
        account.state(invoice, NOW)


def test_pdf_is_a_pdf_and_marks_nothing(stage: Stage, account: Account) -> None:
    """The PDF comes as bytes, and asking for a draft's PDF does not send it."""
    drafted = draft_in(stage)
    wrong = replace(drafted, totals=replace(drafted.totals, gross=Decimal("1.00")))
    external_id = account.create(wrong, nowhere)
    assert account.pdf(external_id).startswith(b"%PDF")
    assert invoice_at(stage, external_id)["status"] == "100"


def test_specified_answers_are_understood_too(stage: Stage, account: Account) -> None:
    """Answers without the wrapper, as the specification shows them, are read like the live ones."""
    stage.control("sevdesk/settings", {"specified_answers": True})
    drafted = draft_in(stage)
    external_id = account.create(drafted, nowhere)
    assert differences(drafted, account.read(external_id)) == []
    assert account.pdf(external_id).startswith(b"%PDF")


def test_deleted_draft_is_not_found(stage: Stage, account: Account) -> None:
    """A draft that a person deletes is gone for the read-back and for the search."""
    drafted = draft_in(stage)
    external_id = account.create(replace(drafted, totals=replace(drafted.totals, net=Decimal(1))), nowhere)
    by_hand(stage, "delete-draft", external_id)
    with pytest.raises(NotFound):
        account.read(external_id)
    assert account.find(drafted, TODAY) == []


def test_old_bookkeeping_is_refused(stage: Stage, account: Account) -> None:
    """An account before update 2.0 gets no invoice, and the owner learns why."""
    stage.control("sevdesk/settings", {"bookkeeping_version": "1.0"})
    with pytest.raises(NotAuthorised, match="Update 2.0"):
        account.create(draft_in(stage), nowhere)
    assert stage.control("sevdesk/invoices") == []


def test_several_users_ask_for_a_choice(stage: Stage) -> None:
    """Without a chosen user the message names the candidates."""
    account = connect(stage, contact_person=None)
    with pytest.raises(CannotExpress, match=r"240501 \(Lena Brückner\)"):
        account.create(draft_in(stage), nowhere)
    account.close()


def test_number_of_the_sequence(stage: Stage) -> None:
    """With our own expansion of the number range the draft already has its number."""
    account = connect(stage, numbering="sequence")
    drafted = draft_in(stage)
    numbers = [account.read(account.create(drafted, nowhere)).number for _ in range(2)]
    assert len(set(numbers)) == 2
    account.close()


def test_doubled_number_is_not_issued(stage: Stage) -> None:
    """When two programs took the same number, ours stays a draft until a person changes it."""
    account = connect(stage, numbering="sequence")
    drafted = draft_in(stage)
    first, second = (
        account.create(replace(drafted, totals=replace(drafted.totals, net=Decimal(1))), nowhere) for _ in range(2)
    )
    by_hand(stage, "edit-invoice", first, invoiceNumber="RE-5")
    by_hand(stage, "edit-invoice", second, invoiceNumber="RE-5")
    with pytest.raises(Conflict, match="RE-5"):
        account.issue(second)
    account.close()


def test_delivery_date_rule_and_its_way_out(stage: Stage, account: Account) -> None:
    """Where sevDesk wants the date after the invoice's, it refuses; written into the text it passes."""
    stage.control("sevdesk/settings", {"delivery_date_rule": "later"})
    drafted = draft_in(stage)
    with pytest.raises(Rejected, match="delivery_date"):
        account.create(drafted, nowhere)
    careful = connect(stage, delivery_date="text")
    external_id = careful.create(drafted, nowhere)
    assert differences(drafted, careful.read(external_id)) == []
    assert "Leistungsdatum: 01.11.2026" in invoice_at(stage, external_id)["headText"]
    careful.close()


def test_wrong_key(stage: Stage) -> None:
    """A wrong key is a matter for a person and shows up in no message."""
    account = connect(stage, api_key="f" * 32)
    with pytest.raises(NotAuthorised) as caught:
        list(account.signals(TODAY))
    assert "f" * 32 not in caught.value.message + caught.value.evidence + repr(caught.value)
    account.close()


def test_calls_per_invoice_and_idle_poll(stage: Stage, account: Account) -> None:
    """An idle poll costs two requests; an invoice four, once the account's records are known."""
    before = account.requests
    assert list(account.signals(TODAY)) == []
    assert list(account.changes(TODAY, NOW)) == []
    assert account.requests - before == {"signals": 1, "changes": 1}
    drafted = draft_in(stage)
    account.create(drafted, nowhere)
    before = account.requests
    account.read(account.create(drafted, nowhere))
    assert account.requests - before == {"create": 1, "issue": 1, "read": 2}


@pytest.mark.parametrize("answer", [{"objects": {"content": "JVBERg"}}, {"content": "%%%"}, {"objects": []}])
def test_pdf_that_is_none(answer: object) -> None:
    """What is not base64 of a PDF is an unexpected answer, nothing at all is not found."""
    settings = sevdesk.Settings.model_validate({"api_key": "odd-pdf", "rate": 1000})
    account = sevdesk.connect(settings, httpx.MockTransport(lambda request: httpx.Response(200, json=answer)))
    with pytest.raises((UnexpectedAnswer, NotFound)):
        account.pdf("1")
