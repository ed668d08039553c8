"""The commands by which people intervene in dunning, as they are typed."""

from datetime import date

import pytest
from sqlalchemy import update

from desk.web.access import Role
from ledger import accounts
from ledger.tables import HoldRow, LeverRow
from tests.desk.commands import command, invoked
from tests.desk.web.office import NOW, browsing
from tests.flows.business import CLIENT, Business
from tests.flows.test_chain import FIRST_REMINDER


@pytest.fixture
def billed(business: Business) -> Business:
    """A business with one invoice, RE1001, sent and open."""
    business.finished_job()
    business.run()
    return business


def typed(business: Business, *words: str) -> str:
    """What a command answers; it must end well."""
    ended = command(business, *words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_a_word_spares_and_a_word_ends_it(billed: Business) -> None:
    """block, why and lift tell one story, and the preview shows the way of it."""
    assert "Zahlungserinnerung" in typed(billed, "dunning-preview", "--date", "2026-11-23")
    assert "wird nicht gemahnt" in typed(billed, "block", "RE1001", "--reason", "Stammkunde", "--by", "Anna")
    assert "0 Schritte" in typed(billed, "dunning-preview", "--date", "2026-11-23")
    billed.run(at=FIRST_REMINDER)
    told = typed(billed, "why", "RE1001", "--recompute")
    assert "Mahnsperre: Stammkunde" in told
    assert "ergeben dieselbe Entscheidung" in told
    assert "geht wieder ihren Weg" in typed(billed, "lift", "block", "RE1001", "--reason", "Urlaub vorbei")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("payment", "add", "RE1001", "20", "--on", "2999-11-10"), "liegt in der Zukunft"),
        (("payment", "add", "RE1001", "20", "--on", "1126-02-06"), "im Jahr 1126 liegt zu lange zurück"),
        (("hold", "RE1001", "--reason", "Urlaub", "--until", "2020-01-01"), "ist schon vorbei"),
        (("extend", "RE1001", "--reason", "Bitte", "--until", "9999-12-31"), "höchstens 10 Jahre"),
        (("block", "--customer", "10001", "--reason", "Urlaub", "--until", "2020-01-01"), "ist schon vorbei"),
    ],
)
def test_a_day_that_cannot_be_meant_is_refused(billed: Business, words: tuple[str, ...], said: str) -> None:
    """Money of tomorrow is not booked, and nothing is held back until a day that is over."""
    ended = command(billed, *words)
    assert (ended.returncode, said in ended.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dunning-preview", "--date", "9999-12-31"), "von 2000 bis 2100"),
        (("dunning-preview", "--date", "0001-01-01"), "von 2000 bis 2100"),
        (("run", "--dry-run", "--at", "0001-01-01"), "von 2000 bis 2100"),
        (("block", "RE1001", "--customer", "10001", "--reason", "Urlaub"), "nicht beides"),
        (("lift", "block", "RE1001", "--customer", "10001", "--reason", "Urlaub"), "nicht beides"),
        (("lint-templates", "--client", "somer"), "somer gibt es nicht"),
    ],
)
def test_what_cannot_be_meant_is_refused(billed: Business, words: tuple[str, ...], said: str) -> None:
    """A slip of the hand ends in a sentence, neither in a trace nor in half of what was asked."""
    ended = command(billed, *words)
    assert (ended.returncode, said in ended.stderr, "Traceback" in ended.stderr) == (2, True, False)


def test_a_word_without_a_reason_is_refused(billed: Business) -> None:
    """An empty reason says nothing to whoever reads the journal."""
    ended = command(billed, "hold", "RE1001", "--reason", " ")
    assert (ended.returncode, "Bitte einen Grund angeben" in ended.stderr) == (2, True)


def test_a_number_too_long_for_any_ledger_is_refused(business: Business) -> None:
    """done and payment confirm end in a sentence, not in a trace."""
    for words in (("done",), ("payment", "confirm")):
        ended = command(business, *words, "9" * 25)
        assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)


def test_what_was_held_is_told_in_german(billed: Business) -> None:
    """The history has amounts as people write them, and a hold without a last day is open."""
    typed(billed, "hold", "RE1001", "--reason", "Urlaub")
    told = typed(billed, "show", "RE1001")
    assert "brutto 214,08 €" in told
    assert "bis offen" in told


def test_cash_is_booked_by_hand(billed: Business) -> None:
    """payment add says what is open then."""
    told = typed(billed, "payment", "add", "RE1001", "20.01", "--on", "2026-11-10", "--by", "Anna")
    assert "sind 20,01 EUR gebucht, offen" in told


def test_cash_is_typed_the_german_way(billed: Business) -> None:
    """payment add and promise take 1.020,01; 1.020 alone may be two amounts and is refused with a cure."""
    words = ("--on", "2026-11-10", "--by", "Anna")
    assert "sind 1.020,01 EUR gebucht" in typed(billed, "payment", "add", "RE1001", "1.020,01", *words)
    for slip in (
        command(billed, "payment", "add", "RE1001", "1.020", *words),
        command(billed, "promise", "RE1001", "--on", "2026-12-10", "--reason", "Anruf", "--amount", "1.020"),
    ):
        assert (slip.returncode, "mit Cent schreiben" in " ".join(slip.stderr.split())) == (2, True)


@pytest.mark.parametrize("verb", ["extend", "promise", "block", "hold"])
def test_a_day_beyond_all_plans_can_be_read(billed: Business, verb: str) -> None:
    """A year 9999, taken before such days were refused, spoils neither lists nor decisions nor the page."""
    option = "--on" if verb == "promise" else "--until"
    typed(billed, verb, "RE1001", option, "2026-12-31", "--reason", "Bitte")
    with billed.house() as house:
        with house.ledger.writing() as session:
            for table in (LeverRow, HoldRow):
                session.execute(update(table).values(until=date(9999, 12, 31)))
            accounts.add(session, "chefin", "", {CLIENT: Role.OWNER.value}, "test", NOW)
        with browsing(house, "chefin") as browser:
            assert browser.get("/rechnungen/sommer/RE1001").status_code == 200
    for words in ("show RE1001", "why RE1001", "status", "checks", "tasks", "analysis", "expiring", "metrics", "plan",
                  "dunning-preview --date 2027-03-01", "run --at 2026-12-20T09:00"):  # fmt: skip
        ended = invoked(billed, *words.split())
        assert (words, ended.exit_code, ended.stderr) == (words, 0, "")
