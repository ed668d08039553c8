"""Answer: look at what callbacks point at, by its id and not by lists, which lag behind the events."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from connectors.errors import ConnectorError, NeedsPerson, NotAuthorised
from connectors.protocols import Announcer, Topic
from flows.chain.collect import take_in
from flows.chain.issue import subject_of
from flows.chain.track import in_words, note_fact
from flows.performing import channel_after, each
from flows.report import Entry, Result
from flows.work import Work
from ledger import callbacks, invoices, jobs, notices
from ledger.tables import CallbackRow

KEPT = timedelta(days=30)


def answer(work: Work) -> list[Entry]:
    """Answer every waiting callback, each document once; what cannot be read now stays for the next time.

    A callback that gets lost or stays unanswered costs nothing: the lists are read anyway.
    """
    with work.ledger.reading() as session:
        waiting = callbacks.waiting(session, work.client)
    by_document: dict[tuple[str, str], list[CallbackRow]] = {}
    for row in waiting:
        by_document.setdefault((row.topic, row.external_id), []).append(row)
    return each(by_document.values(), partial(_answer, work))


def _answer(work: Work, rows: list[CallbackRow]) -> Entry | None:
    """All callbacks about one document: it is looked at once."""
    entry = ANSWERS[Topic(rows[0].topic)](work, rows[0].external_id)
    if entry is None or entry.result is not Result.WAITING:
        now = work.clock.now()
        with work.ledger.writing() as session:
            callbacks.settle(session, [row.id for row in rows], now)
            callbacks.forget(session, now - KEPT)
    return entry


def _job(work: Work, external_id: str) -> Entry | None:
    """A document may have become the sign of a finished job; one that is on an invoice needs no look."""
    with work.ledger.reading() as session:
        known = jobs.versions(session, work.client, work.config.jobs.system, [external_id])
    if known.get(external_id, ("", ""))[1] == jobs.TAKEN or not isinstance(work.source, Announcer):
        return None
    return take_in(work, external_id, partial(work.source.done, external_id))


def _payment(work: Work, external_id: str) -> Entry | None:
    """The payment state of one invoice of ours; those of others are none of our business."""
    with work.ledger.reading() as session:
        row = invoices.by_external_id(session, work.client, [external_id]).get(external_id)
    if row is None:
        return None
    try:
        fact = work.payments.state(external_id, work.clock.now())
    except ConnectorError as error:
        for_a_person = isinstance(error, NeedsPerson) and not isinstance(error, NotAuthorised)
        result = Result.HELD if for_a_person else Result.WAITING
        return Entry(result, subject_of(row), error.message, channel_after(error))
    with work.ledger.writing() as session:
        is_news = note_fact(work, session, invoices.get(session, row.id), fact)
    return Entry(Result.DONE, subject_of(row), in_words(row, fact)) if is_news else None


def _access(work: Work, external_id: str) -> Entry:
    """The key was revoked: somebody has to make a new one, and all subscriptions are gone with the old one."""
    system, now, today = work.config.jobs.system, work.clock.now(), work.clock.today()
    title = f"Der Schlüssel für {system} wurde widerrufen"
    body = "Bitte dort einen neuen erzeugen, als Geheimnis hinterlegen und die Rückrufe neu abonnieren."
    owner = work.config.dunning.task_owner
    with work.ledger.writing() as session:
        notices.ask(session, work.client, f"access/{external_id}/{today}", title, body, owner, today, now)
    return Entry(Result.HELD, system, f"{title}. {body}")


ANSWERS: dict[Topic, Callable[[Work, str], Entry | None]] = {
    Topic.JOBS: _job,
    Topic.PAYMENTS: _payment,
    Topic.ACCESS: _access,
}
