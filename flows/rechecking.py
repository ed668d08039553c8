"""Looking again at what is held: not in every run, but at once when a person or the client's file says so."""

from datetime import UTC, datetime, timedelta

from flows.report import Entry, Result
from flows.work import Work
from ledger import rechecks
from ledger.tables import InvoiceRow


def rests(work: Work, subject: str, most: timedelta = rechecks.MOST) -> bool:
    """Whether a held thing was looked at so lately that it is not worth a request now."""
    with work.ledger.reading() as session:
        return not rechecks.is_due(session, work.client, subject, work.clock.now(), _file_changed_at(work), most)


def still(work: Work, row: InvoiceRow, subject: str) -> Entry | None:
    """The entry for a held invoice that rests; None for one to look at now, which is noted."""
    if not row.problems:
        return None
    about = rechecks.of_invoice(row.id)
    if rests(work, about):
        return Entry(Result.STILL, subject, " ".join(problem["message"] for problem in row.problems))
    note(work, about)
    return None


def note(work: Work, subject: str) -> None:
    """It is looked at now."""
    with work.ledger.writing() as session:
        rechecks.looked(session, work.client, subject, work.clock.now())


def _file_changed_at(work: Work) -> datetime | None:
    """When somebody last wrote to the client's file: what was held under the old one may be fine under the new."""
    file = work.settings.clients / f"{work.client}.yaml"
    return datetime.fromtimestamp(file.stat().st_mtime, UTC) if file.is_file() else None
