"""The filing: copies of everything sent, once, under readable names."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from billing.dunning_policy import Policy
from config.loading import load_clients
from desk import deciding
from flows.chain.steps import TRANSMIT
from flows.report import Result
from flows.wiring import problems_in
from ledger.effects import Kind, State
from ledger.overrides import Word
from ledger.tables import EffectRow
from tests.flows.business import CLIENT, Business

FIRST_REMINDER = "2026-11-23T09:00:00+01:00"
LATER = "2026-11-02T09:30:00+01:00"


@pytest.fixture
def folder(business: Business) -> Path:
    """The folder that the client files to."""
    found = business.folder / "clients" / "ablage"
    found.mkdir()
    write_filing(business, "{folder: ablage}")
    return found


def write_filing(business: Business, section: str) -> None:
    """The client's file with that section."""
    business.write_client()
    text = business.client_file.read_text("utf-8")
    business.client_file.write_text(f"{text}filing: {section}\n", "utf-8")


def names(folder: Path) -> list[str]:
    """All files below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_everything_sent_is_filed_once(business: Business, folder: Path) -> None:
    """Invoice and XML lie there as they were archived, later the reminder; a further run changes nothing."""
    business.finished_job()
    business.run()
    (invoice,) = business.invoices()
    stem = f"2026/11/2026-11-02 Rechnung {invoice.number} Bäckerei Özdemir GmbH"
    assert names(folder) == [f"{stem}.pdf", f"{stem}.xml"]
    assert (folder / f"{stem}.pdf").read_bytes().startswith(b"%PDF")
    before = {name: (folder / name).stat().st_mtime_ns for name in names(folder)}
    business.run(at=FIRST_REMINDER)
    business.run(at=FIRST_REMINDER)
    assert names(folder)[2:] == [f"2026/11/2026-11-23 Erinnerung 1 zu {invoice.number} Bäckerei Özdemir GmbH.eml"]
    assert {name: (folder / name).stat().st_mtime_ns for name in before} == before


def test_what_was_sent_before_is_filed_later(business: Business) -> None:
    """A client that gets a filing finds what was sent before in it, unless it says from when on."""
    business.finished_job()
    business.run()
    folder = business.folder / "clients" / "ablage"
    folder.mkdir()
    write_filing(business, "{folder: ablage, since: 2026-11-03}")
    business.run(TRANSMIT)
    assert names(folder) == []
    write_filing(business, "{folder: ablage}")
    business.run(TRANSMIT)
    assert len(names(folder)) == 2


def test_a_share_that_is_away_is_tried_again(business: Business, folder: Path) -> None:
    """While the folder is missing the invoice leaves all the same; its copies follow by themselves, once."""
    business.finished_job()
    folder.rmdir()
    assert business.run()["transmit"].count(Result.WAITING) == 2
    assert len(business.mails()) == 1
    assert {(case.kind, case.state) for case in business.cases()} == {("file-document", "failed")}
    assert "Der Ordner der Ablage fehlt" in business.cases()[0].reason
    folder.mkdir()
    business.run(at=LATER)
    assert len(names(folder)) == 2
    assert business.cases() == []


def test_something_else_in_its_place_is_never_overwritten(business: Business, folder: Path) -> None:
    """A file of another content under the same name is refused with the cure, and the copy filed once it is gone."""
    business.finished_job()
    write_filing(business, "{folder: ablage, since: 2026-12-01}")
    business.run()
    (invoice,) = business.invoices()
    place = folder / f"2026/11/2026-11-02 Rechnung {invoice.number} Bäckerei Özdemir GmbH.pdf"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"etwas anderes")
    write_filing(business, "{folder: ablage}")
    assert business.run(TRANSMIT)["transmit"].count(Result.REFUSED) == 1
    assert place.read_bytes() == b"etwas anderes"
    (case,) = business.cases()
    assert "liegt unter" in case.reason
    place.unlink()
    with business.house() as house:
        now = datetime.fromisoformat(LATER)
        text = deciding.decide(house.ledger, invoice.id, "retry", Policy(()), Word("Jana Sommer", "umbenannt"), now)
        assert text.startswith("Kopie in der Ablage")
    business.run(TRANSMIT, at=LATER)
    assert place.read_bytes().startswith(b"%PDF")


def test_a_copy_interrupted_is_filed_again(business: Business, folder: Path) -> None:
    """Whoever dies while filing leaves nothing unclear: the next run files the same bytes."""
    business.finished_job()
    business.run()
    with business.house() as house, house.ledger.writing() as session:
        for effect in session.scalars(select(EffectRow).where(EffectRow.kind == Kind.FILE_DOCUMENT)):
            effect.state, effect.owner, effect.lease_until = State.IN_FLIGHT, "tot", effect.created_at
    for name in names(folder):
        (folder / name).unlink()
    business.run(at=LATER)
    assert len(names(folder)) == 2


def test_the_file_says_where_to(business: Business) -> None:
    """Two places or none are named with the cure before anything runs, a folder that is missing by `check`."""
    write_filing(business, "{folder: gibtsnicht}")
    with business.house() as house:
        (problem,) = problems_in(business.settings, house.client(CLIENT))
    assert "Ordner anlegen" in str(problem)
    for section, cure in (
        ("{}", "Genau eines von"),
        ("{system: wolke}", "steht nicht unter"),
        ("{folder: ablage, systm: x}", "filing.systm"),
    ):
        write_filing(business, section)
        _, problems = load_clients(business.settings)
        assert cure in " ".join(map(str, problems)), section
