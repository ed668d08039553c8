"""Status words that are remembered are the same as those that are computed."""

from datetime import date, timedelta
from decimal import Decimal

from billing.standings import Stand, stand_of
from desk import deciding, levers
from flows.around import around_all
from flows.wiring import House
from ledger import invoices, journal, overview
from ledger.claims import facts_of
from ledger.levers import Kind
from ledger.overrides import Word
from ledger.stands import Stands
from tests.desk.web.office import NOW, OWN

TODAY = NOW.date()
WORD = Word("Anna", "strittig")


def test_alike_claims_share_the_word_that_each_would_get_alone(house: House) -> None:
    """On many days, before and after falling due."""
    for days in (-40, -14, 0, 1, 30, 60):
        today = TODAY + timedelta(days)
        assert _remembered(Stands(), house, today) == _one_by_one(house, today), today


def test_whatever_happens_to_a_claim_renews_its_word(house: House) -> None:
    """After each act the remembered words are those of a fresh look."""
    stands = Stands()
    first = _remembered(stands, house, TODAY)
    disputed, paid, *_ = first
    levers.pull(house.ledger, disputed, Kind.DISPUTE, WORD, None, None, NOW)
    assert _remembered(stands, house, TODAY)[disputed].fact == "Der ganze Betrag ist strittig: strittig."
    levers.add_payment(house.ledger, paid, Decimal("5.00"), TODAY, "Anna", NOW)
    deciding.hold(house.ledger, paid, None, WORD, NOW)
    assert _remembered(stands, house, TODAY) == _remembered(Stands(), house, TODAY) != first
    levers.take_payment_back(house.ledger, paid, WORD, NOW)
    levers.lift(house.ledger, disputed, Kind.DISPUTE, WORD, NOW)
    assert _remembered(stands, house, TODAY) == first
    assert _remembered(stands, house, TODAY + timedelta(1)) == _remembered(Stands(), house, TODAY + timedelta(1))


def test_a_journal_that_was_put_back_is_noticed(house: House) -> None:
    """The same place with another seal is another story: everything is looked at anew."""
    with house.ledger.reading() as session:
        here = journal.place(session)
        assert journal.holds(session, here)
        assert not journal.holds(session, journal.Place(here.id, "0" * 64))
        assert not journal.holds(session, journal.Place(here.id + 1, here.seal))


def _remembered(stands: Stands, house: House, today: date) -> dict[int, Stand]:
    with house.ledger.reading() as session:
        return stands.of(session, around_all(house.clients), (OWN,), today)


def _one_by_one(house: House, today: date) -> dict[int, Stand]:
    around = around_all(house.clients)[OWN]
    with house.ledger.reading() as session:
        rows = [row for marker in overview.markers(session, OWN) for row in invoices.find(session, marker, OWN)]
        rows = [row for row in rows if row.number and row.open_amount > 0 and not row.is_voided]
        found = {row.id: facts_of(session, [row], around, today)[row.id] for row in rows}
    return {identity: stand_of(facts, today, around.land) for identity, facts in found.items()}
