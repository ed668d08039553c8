"""Deposit: put a copy of everything that was sent where the office and the tax adviser look for it."""

from collections.abc import Callable

from billing.filing import filed_as
from connectors.errors import NeedsPerson
from connectors.protocols import Reach
from flows import gates
from flows.chain.issue import subject_of
from flows.chain.transmit import PDF, XML
from flows.performing import perform
from flows.report import Entry, Result
from flows.work import Work
from ledger import effects, filings, invoices
from ledger.archive import ArchiveFault
from ledger.database import Transaction
from ledger.effects import Flight, Kind
from ledger.filings import Sent
from ledger.tables import Json

ENDINGS = {PDF: ".pdf", XML: ".xml"}
ENDINGS_OF_REMINDERS = {"mail": ".eml", "letter": ".pdf"}


def path_of(sent: Sent) -> str:
    """Where a document is filed: invoices by their date, reminders by the day they were written."""
    if sent.kind in ENDINGS:
        return filed_as(sent.issued_on, "Rechnung", sent.number, sent.customer, ENDINGS[sent.kind])
    _, step, form = sent.kind.split("-")
    return filed_as(sent.kept_on, f"Erinnerung {step} zu", sent.number, sent.customer, ENDINGS_OF_REMINDERS[form])


def to_deposit(work: Work) -> list[int]:
    """Ids of the copies that may be filed now."""
    if work.filing is None or gates.waits(work, Kind.FILE_DOCUMENT):
        return []
    _plan(work)
    with work.ledger.reading() as session:
        return effects.due(session, work.client, Kind.FILE_DOCUMENT, work.clock.now())


def deposit_one(work: Work, effect_id: int) -> Entry | None:
    """File one archived document, exactly the bytes that were sent."""
    with work.ledger.reading() as session:
        effect = effects.get(session, effect_id)
        subject = subject_of(invoices.get(session, effect.invoice_id))
    try:
        return perform(work, effect, f"Ablage zu {subject}", _filing(work), _nothing_follows)
    except ArchiveFault as fault:
        return Entry(Result.REFUSED, subject, str(fault))


def _plan(work: Work) -> None:
    """Write down what is to be filed: whatever way a document was sent, and also what was sent before there was one."""
    section = work.config.filing
    if section is None:
        return
    now = work.clock.now()
    with work.ledger.writing() as session:
        for sent in filings.unplanned(session, work.client, tuple(ENDINGS), section.since, section.reminders):
            payload = {"sha256": sent.sha256, "path": path_of(sent)}
            effects.plan(session, work.client, Kind.FILE_DOCUMENT, sent.key, sent.invoice_id, payload, now)


def _filing(work: Work) -> Callable[[Flight, Reach], Json]:
    def put(flight: Flight, _reach: Reach) -> Json:
        if work.filing is None:
            raise NeedsPerson("Für diesen Mandanten ist keine Ablage eingerichtet (filing: in der YAML-Datei).")
        # No phase is reached: the same bytes at the same place are the same copy, so a crash leaves nothing unclear.
        work.filing.file(flight.payload["path"], work.archive.get(flight.payload["sha256"]))
        return {"path": flight.payload["path"]}

    return put


def _nothing_follows(_session: Transaction, _flight: Flight, _result: Json) -> None:
    """A copy changes nothing about its invoice."""
