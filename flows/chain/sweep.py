"""Sweep: once a day, look whether one of our invoices was made twice over there although we asked once."""

from datetime import date, timedelta

from connectors.errors import ConnectorError
from connectors.protocols import Sweeper
from flows.performing import channel_after
from flows.report import Entry, Result
from flows.work import Work
from ledger import invoices, jobs, overrides
from ledger.overrides import Word
from ledger.stops import PROGRAM
from ledger.tables import InvoiceRow

CURSOR = "sweep"
WINDOW = timedelta(days=3)


def sweep(work: Work) -> list[Entry]:
    """Hold every invoice whose marker stands on several over there, with their ids as evidence; one list a day."""
    today = work.clock.today()
    with work.ledger.reading() as session:
        last = jobs.cursor(session, work.client, CURSOR)
        since = (last or today) - WINDOW
        recent = invoices.created_since(session, work.client, since)
    if last == today or not isinstance(work.accounting, Sweeper):
        return []
    entries = []
    if recent:
        try:
            doubled = work.accounting.doubled([invoices.draft_of(row) for row in recent], since)
        except ConnectorError as error:
            return [Entry(Result.WAITING, "Doppelte suchen", error.message, channel_after(error))]
        entries = [_hold(work, row, doubled[row.marker]) for row in recent if row.marker in doubled]
    _swept(work, today)
    return entries


def _hold(work: Work, row: InvoiceRow, ids: list[str]) -> Entry:
    text = (
        f"Das Zeichen {row.marker} steht in der Buchhaltung auf {len(ids)} Rechnungen ({', '.join(ids)})."
        " Bitte alle bis auf eine stornieren, dann  rechnungsbote release"
    )
    with work.ledger.writing() as session:
        if overrides.held(session, row.id, work.clock.today()) is None:
            overrides.hold(session, row, None, Word(PROGRAM, text), work.clock.now())
    return Entry(Result.HELD, f"Rechnung {row.number or row.marker}", text)


def _swept(work: Work, today: date) -> None:
    with work.ledger.writing() as session:
        jobs.move_cursor(session, work.client, CURSOR, today)
