"""Money coming in and reminders going out, over the whole chain: letters, levers, bank files, preview."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing.dunning import Outcome
from desk import levers, looking
from flows.chain.preview import preview
from flows.chain.steps import REMIND, TRACK
from ledger import notices, receipts
from ledger.levers import Kind
from ledger.overrides import Word
from tests.flows.business import CLIENT, Business

WORD = Word("Anna", "Anruf vom Vormittag")
FIRST = "2026-11-23T09:00:00+01:00"
SECOND = "2026-12-03T09:00:00+01:00"
LATE = datetime(2026, 12, 3, 8, 0, 0, tzinfo=UTC)
LEVELS = "  levels:\n    - {days: 5, action: reminder}\n    - {days: 7, action: task}\n"
NOTICE = """  levels:
    - {days: 5, action: reminder}
    - {days: 7, action: task}
  business:
    levels:
      - {days: 5, action: reminder}
      - {days: 7, action: notice, interest: true, lump_sum: true}
"""


def rewrite(business: Business, old: str, new: str) -> None:
    """Change a text in the client's file."""
    file = business.folder / "clients" / f"{CLIENT}.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def decisions(business: Business) -> list[tuple[str, int | None, list[str]]]:
    """The last decision about each invoice: outcome, level, and the codes of what stood in the way."""
    found = []
    with business.house() as house, house.ledger.reading() as session:
        for row in business.invoices():
            kept = notices.latest(session, row.id)
            assert kept is not None
            against = [reason["code"] for reason in kept.reasons if not reason["speaks_for"]]
            found.append((kept.outcome, kept.level, against))
    return found


def pull(business: Business, kind: Kind, amount: str | None = None, until: date | None = None) -> None:
    """Pull a lever of the only invoice, on the day of the run that is to come."""
    with business.house() as house:
        value = Decimal(amount) if amount else None
        levers.pull(house.ledger, business.invoices()[0].id, kind, WORD, value, until, datetime.fromisoformat(FIRST))


@pytest.fixture
def billed(business: Business) -> Business:
    """A business whose one invoice of 2 November is sent and due on the 16th."""
    rewrite(business, LEVELS, NOTICE)
    business.finished_job()
    business.run()
    return business


def test_a_business_in_default_gets_a_notice_that_says_what_it_costs(billed: Business) -> None:
    """The first reminder is free and brings default; the notice carries interest, lump sum and a letter on paper."""
    billed.run(TRACK, REMIND, at=FIRST)
    billed.run(TRACK, REMIND, at=SECOND)
    reminder, notice = billed.mails()[1:]
    assert len(reminder["attachments"]) == 1
    assert len(notice["attachments"]) == 2
    assert "40,00" not in str(reminder)
    with billed.house() as house, house.ledger.reading() as session:
        kept = notices.latest(session, billed.invoices()[0].id)
    assert kept is not None
    assert (kept.demand["lump_sum"], kept.demand["in_default_since"]) == ("40.00", "2026-12-01")
    assert Decimal(kept.demand["interest"]) > 0


def test_the_preview_is_what_the_run_does(billed: Business) -> None:
    """What dunning-preview says of a day is decided on that day: outcome, level, costs; it sends nothing itself."""
    for at in (FIRST, SECOND):
        now = datetime.fromisoformat(at)
        with billed.house() as house:
            ((_, told),) = preview(house.ledger, house.client(CLIENT).config, now.date(), now)
        before = len(billed.mails())
        billed.run(TRACK, REMIND, at=at)
        with billed.house() as house, house.ledger.reading() as session:
            kept = notices.latest(session, billed.invoices()[0].id)
        assert kept is not None
        assert (kept.outcome, kept.level) == (told.outcome, told.level)
        assert kept.demand["demanded"] == str(told.demanded)
        assert kept.demand["interest"] == str(told.costs.interest)
        assert len(billed.mails()) == before + (told.outcome is Outcome.NOTICE)


@pytest.mark.parametrize(
    ("kind", "until", "code"),
    [
        (Kind.BLOCK, None, "blocked"),
        (Kind.PROMISE, date(2026, 11, 27), "promised"),
        (Kind.DISPUTE, None, "disputed"),
        (Kind.EXTENSION, date(2026, 12, 15), "extended"),
        (Kind.WRITE_OFF, None, "written-off"),
    ],
)
def test_a_lever_spares_the_customer(billed: Business, kind: Kind, until: date | None, code: str) -> None:
    """Each word of a person stops the reminder, costs no request, and its reason is kept."""
    pull(billed, kind, until=until)
    since = len(billed.requests())
    billed.run(REMIND, at=FIRST)
    assert billed.requests(since) == []
    assert len(billed.mails()) == 1
    ((outcome, level, against),) = decisions(billed)
    assert (outcome, level) == ("nothing", None)
    assert code in against


def test_a_dispute_between_check_and_mail_stops_the_letter(billed: Business) -> None:
    """A letter that is written but not sent is withdrawn when the customer disputes meanwhile."""
    rewrite(billed, "dunning:\n", "limits: {mails_per_day: 0}\ndunning:\n")
    billed.run(TRACK, REMIND, at=FIRST)
    pull(billed, Kind.DISPUTE)
    rewrite(billed, "limits: {mails_per_day: 0}\n", "")
    billed.run(TRACK, REMIND, at="2026-11-23T09:30:00+01:00")
    assert len(billed.mails()) == 1
    assert "disputed" in decisions(billed)[0][2]


def test_a_payment_by_hand_is_paid(billed: Business) -> None:
    """Cash that a person books is paid at once, although the accounting system does not know it yet."""
    row = billed.invoices()[0]
    with billed.house() as house:
        now = datetime.fromisoformat(FIRST)
        levers.add_payment(house.ledger, row.id, row.gross, date(2026, 11, 20), "Anna", now)
    billed.run(TRACK, REMIND, at=FIRST)
    assert len(billed.mails()) == 1
    assert billed.invoices()[0].open_amount == 0


def test_a_bank_file_books_what_is_certain_and_asks_about_the_rest(billed: Business) -> None:
    """A line with number and amount books itself once; a riddle becomes a proposal and a task."""
    row = billed.invoices()[0]
    folder = billed.folder / "clients" / "bank"
    folder.mkdir()
    csv = "bank_csv: {account: DE02120300000000202051, columns: {counterparty: Wer, purpose: Text}}"
    rewrite(billed, "payments: {system: lexware}", f"payments: {{system: lexware, bank_folder: bank, {csv}}}")
    lines = f"19.11.2026;50,00;Bäckerei Özdemir GmbH;{row.number}\n20.11.2026;7,77;Bäckerei Özdemir GmbH;Danke\n"
    (folder / "umsatz.csv").write_text(f"Buchungstag;Betrag;Wer;Text\n{lines}", "utf-8")
    for _ in range(2):
        billed.run(TRACK, REMIND, at=FIRST)
    with billed.house() as house, house.ledger.reading() as session:
        waiting = receipts.unassigned(session, [CLIENT])
        asked = [task.title for task in notices.tasks(session)]
    assert billed.invoices()[0].open_amount == row.gross - 50
    assert [each.amount for each in waiting] == [Decimal("7.77")]
    assert any("zuordnen" in title for title in asked)
    assert len(billed.mails()) == 1, "bank and accounting system say different things"
    assert "contradiction" in decisions(billed)[0][2]


def test_the_stored_facts_give_the_same_decision(billed: Business) -> None:
    """why --recompute finds what was decided, for a spared and for a reminded invoice."""
    for at in ("2026-11-20T09:00:00+01:00", FIRST, SECOND):
        billed.run(TRACK, REMIND, at=at)
        with billed.house() as house:
            assert looking.recompute(house.ledger, billed.invoices()[0]) is not False


def test_hours_of_sending_are_kept(billed: Business) -> None:
    """At night nothing is even asked; in the morning it goes on."""
    since = len(billed.requests())
    billed.run(REMIND, at="2026-11-23T22:00:00+01:00")
    assert billed.requests(since) == []
    billed.run(REMIND, at="2026-11-24T09:00:00+01:00")
    assert len(billed.mails()) == 2


def test_a_letter_without_a_known_base_rate_asks_for_it(billed: Business) -> None:
    """Beyond the last announced half-year the letter leaves without interest, and one task says what to read in."""
    billed.run(TRACK, REMIND, at="2027-01-11T09:00:00+01:00")
    billed.run(TRACK, REMIND, at="2027-01-25T09:00:00+01:00")
    with billed.house() as house, house.ledger.reading() as session:
        kept = notices.latest(session, billed.invoices()[0].id)
        (task,) = (task for task in notices.tasks(session) if task.key.startswith("base-rate/"))
    assert kept is not None
    assert (kept.level, kept.demand["interest"], kept.demand["lump_sum"]) == (2, "0.00", "40.00")
    assert "base-rates read" in task.body
    assert task.key == "base-rate/2027/1"
