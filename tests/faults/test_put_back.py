"""A ledger that was put back: it knows less than the world, so nothing leaves until a person takes it over."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.wiring import at_work
from ledger import backup, restoring, stops
from ledger.archive import Archive
from ledger.database import Ledger
from ledger.effects import Kind, State
from ledger.overrides import NothingToDecide, Word
from tests.faults.stories import changing, draft_all, sent
from tests.flows.business import CLIENT, Business

WORD = Word("Frau Sommer", "Platte defekt")
NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
DAY_2 = "2026-11-03T09:00:00+01:00"
DAY_2_LATER = "2026-11-03T09:05:00+01:00"
DAY_3 = "2026-11-04T09:05:00+01:00"
OVERDUE = "2026-11-24T10:00:00+01:00"


def test_an_old_ledger_sends_nothing_until_it_is_adopted(business: Business) -> None:
    """Put back to before the invoice: the witness sees it, nothing leaves; adopted, it finds instead of repeating."""
    with business.house() as house, at_work(house, house.client(CLIENT), NOW) as work:
        draft_all(work)
    saved = _save(business)
    business.run(at="2026-11-02T10:00:00+01:00")
    assert (len(business.upstream()), len(business.mails())) == (1, 2)
    _put_back(business, saved)
    business.run(at=DAY_2)
    (case,) = business.cases()
    assert "zurückgespielt" in case.reason
    with changing(business) as session:
        restoring.adopt(session, WORD, 2, datetime.fromisoformat(DAY_2))
    for at in (DAY_2, DAY_2_LATER, DAY_3):
        business.run(at=at)
    assert (len(business.upstream()), len(business.mails())) == (1, 2)
    assert {(case.kind, case.state) for case in business.cases()} == {
        (Kind.SEND_INVOICE, State.UNKNOWN),
        (Kind.SEND_COPY, State.UNKNOWN),
    }
    business.stage.control("clock", {"now": DAY_3})
    business.finished_job()
    for at in (DAY_3, "2026-11-04T09:15:00+01:00"):
        business.run(at=at)
    assert (len(business.upstream()), len(business.mails())) == (2, 4), "new work goes its way after one search"


def test_a_job_that_the_lost_ledger_billed_is_never_billed_again(business: Business) -> None:
    """Put back to before the job was known: the accounting system calls it billed, and a person sees the case."""
    saved = _save(business)
    business.run()
    _put_back(business, saved)
    business.run(at=DAY_2)
    with changing(business) as session:
        restoring.adopt(session, WORD, 2, datetime.fromisoformat(DAY_2))
    for at in (DAY_2, DAY_3):
        business.run(at=at)
    assert (len(business.upstream()), len(business.mails())) == (1, 2)
    assert [(case.kind, case.state) for case in business.cases()] == [("job", "held")]


def test_a_ledger_put_back_reminds_nobody_twice(business: Business) -> None:
    """Whoever may have been reminded by the lost ledger is held until a person has looked."""
    business.run()
    saved = _save(business)
    business.run(at=OVERDUE)
    assert sent(business) == 2
    _put_back(business, saved)
    at = "2026-11-24T10:05:00+01:00"
    business.run(at=at)
    with changing(business) as session:
        restoring.adopt(session, WORD, 2, datetime.fromisoformat(at))
    business.run(at="2026-11-24T10:10:00+01:00")
    assert sent(business) == 2
    assert [case.kind for case in business.cases()] == ["hold"]


def test_a_backup_put_back_is_shut_by_its_own_note(business: Business, tmp_path: Path) -> None:
    """Whoever died between filling and braking: the next process reads the ledger's note, and nothing leaves."""
    with business.house() as house:
        folder = backup.make(house.ledger, house.archive, tmp_path / "safe", NOW, NOW.date(), {}, lambda *_: None)
    shutil.rmtree(business.settings.home)
    ledger = Ledger(business.settings.database_url)
    backup.restore(folder, ledger, Archive(Path(business.settings.archive)), lambda *_: None)
    ledger.close()

    business.run()

    assert (len(business.upstream()), len(business.mails())) == (0, 0)
    with changing(business) as session:
        (brake,) = stops.in_force(session)
        assert "rechnungsbote adopt" in brake.reason
        restoring.adopt(session, WORD, 2, NOW)
    business.run(at=DAY_2)
    business.run(at=DAY_2_LATER)
    assert (len(business.upstream()), len(business.mails())) == (1, 2)


def test_adopting_what_was_not_put_back_is_nothing(business: Business) -> None:
    """Without suspicion there is nothing to adopt, so nothing is put in doubt by mistake."""
    business.run()
    with pytest.raises(NothingToDecide), changing(business) as session:
        restoring.adopt(session, WORD, 2, NOW)


def _save(business: Business) -> Path:
    """A copy of the ledger's file while nobody writes: what a nightly backup of the database keeps."""
    with business.house() as house, house.ledger.writing():
        pass
    target = business.folder / "saved.db"
    shutil.copy(business.settings.home / "ledger.db", target)
    return target


def _put_back(business: Business, saved: Path) -> None:
    for leftover in business.settings.home.glob("ledger.db*"):
        leftover.unlink()
    shutil.copy(saved, business.settings.home / "ledger.db")
