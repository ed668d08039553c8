"""Alarm: tell the operator of every case once, owners of their new tasks, and once a day what is still open."""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from config.alerts import AlertsSection
from config.webhooks import Happening
from connectors.errors import ChannelDown, ConnectorError, NeedsPerson, NotAuthorised, OutcomeUnknown
from documents.alert import Alert, Point, alert_mail
from documents.errors import DocumentError
from documents.mail import Sender
from flows.cures import cure_for
from flows.hooks import Hook
from flows.performing import channel_after
from flows.report import Channel, Entry, Result
from flows.work import Work
from ledger import alerts, effects, journal, overview, webhooks
from ledger.alerts import State, Turn
from ledger.archive import ArchiveFault
from ledger.database import Clash, Transaction
from ledger.overview import Case
from ledger.tables import TaskRow

MOST_IN_FULL = 20
"""So many cases are told with all they say; more than that is a flood, and only their number is told."""

SUBJECT = "Meldung an den Betreiber"


@dataclass(frozen=True, slots=True)
class Told:
    """A message before it is written: what makes it its own, to whom, what it says, and the cases it tells."""

    name: str
    recipient: str
    alert: Alert
    keys: tuple[str, ...]


def gather(work: Work) -> list[Entry]:
    """Write down what has to be told now, with the cases it tells, all or nothing. Sends nothing yet."""
    section = work.config.alerts
    if not section.is_wanted and not _hooks(work):
        return []
    with work.ledger.reading() as session:
        cases = [case for case in overview.cases(session, [work.client]) if case.key]
        tasks = [task for task in overview.open_tasks(session, [work.client]) if task.owner in section.task_owners]
        keys = [*(case.key for case in cases), *(_key_of(task) for task in tasks)]
        news = set(alerts.untold(session, work.client, [*keys, _today(work)]))
        head = journal.head(session)
    told = [*_of_tasks(section, work, tasks, news), *_of_cases(section, work, cases, news, head)]
    fresh = [case for case in cases if case.key in news] if section.mail or _hooks(work) else []
    try:
        written = [(each, *_written(work, each)) for each in told]
        with work.ledger.writing() as session:
            _note(work, session, written, fresh)
    except Clash:
        return []
    except (ArchiveFault, DocumentError, NeedsPerson, OSError) as fault:
        return [Entry(Result.HELD, SUBJECT, str(fault))]
    return []


def to_send(work: Work) -> list[int]:
    """Ids of the messages that may leave now, after what dead workers left has been put right."""
    now = work.clock.now()
    with work.ledger.writing() as session:
        alerts.recover(session, work.client, now)
        return alerts.due(session, work.client, now)


def send_one(work: Work, alert_id: int) -> Entry | None:
    """Hand one message to the mail server, exactly the bytes that were kept."""
    with work.ledger.writing() as session:
        turn = alerts.take(session, alert_id, work.clock.now(), work.lease)
    if turn is None:
        return None
    try:
        if work.operator_courier is None:
            raise NeedsPerson("Für Meldungen ist kein Mailversand eingerichtet (alerts.system oder mail.system).")
        work.operator_courier.send(work.archive.get(turn.sha256), turn.target, _reach(work, turn))
    except (ConnectorError, ArchiveFault) as error:
        return _not_sent(work, turn, error)
    _settle(work, turn, State.SENT, "")
    return Entry(Result.DONE, SUBJECT)


def _of_cases(section: AlertsSection, work: Work, cases: Sequence[Case], news: set[str], head: str) -> list[Told]:
    """One message for all new cases; the first of a day also names what is still open."""
    fresh = [case for case in cases if case.key in news]
    old = [case for case in cases if case.key not in news]
    is_first_today = section.daily and _today(work) in news
    if not section.mail or not (fresh or (is_first_today and old)):
        return []
    points = tuple(_point(case) for case in fresh)
    still = tuple(_point(case) for case in old[:MOST_IN_FULL]) if is_first_today else ()
    more = max(0, len(points) - MOST_IN_FULL)
    alert = Alert(work.client, points[:MOST_IN_FULL], more, still, head=head if is_first_today else "")
    keys = (*(case.key for case in fresh), *((_today(work),) if is_first_today else ()))
    return [Told("cases", section.mail, alert, keys)]


def _of_tasks(section: AlertsSection, work: Work, tasks: Sequence[TaskRow], news: set[str]) -> list[Told]:
    """One message for all new tasks of one person."""
    found = []
    for owner, address in section.task_owners.items():
        fresh = [task for task in tasks if task.owner == owner and _key_of(task) in news]
        if fresh:
            points = tuple(
                Point(task.title, "", task.body, "", f"rechnungsbote done {task.id}") for task in fresh[:MOST_IN_FULL]
            )
            alert = Alert(work.client, points, len(fresh) - len(points), is_about_tasks=True)
            found.append(Told(f"tasks {owner}", address, alert, tuple(map(_key_of, fresh))))
    return found


def _point(case: Case) -> Point:
    cure = cure_for(case)
    reason = f"{case.reason} ({case.evidence})" if case.evidence else case.reason
    return Point(case.subject, case.customer, reason, cure.text, cure.command)


def _written(work: Work, told: Told) -> tuple[str, str]:
    """The message's own name and the hash under which its bytes are archived."""
    sender = work.sender or Sender(work.seller.email, work.seller.name)
    name = hashlib.sha256("\x1f".join((work.client, told.name, *told.keys)).encode()).hexdigest()[:32]
    mail = alert_mail(told.alert, work.seller, sender, told.recipient, token=f"alert.{name}", date=work.clock.now())
    return name, work.archive.put(mail.message)


def _note(work: Work, session: Transaction, written: list[tuple[Told, str, str]], fresh: list[Case]) -> None:
    now = work.clock.now()
    keys = [key for told, _, _ in written for key in told.keys] + [case.key for case in fresh]
    untold = alerts.untold(session, work.client, keys)
    if not set(keys) <= set(untold):
        return
    alerts.tell(session, work.client, untold, now)
    for told, name, sha256 in written:
        alerts.plan(session, work.client, name, told.recipient, sha256, now)
    for hook in _hooks(work):
        _queue(work, session, hook.name, fresh)


def _queue(work: Work, session: Transaction, hook: str, fresh: list[Case]) -> None:
    now = work.clock.now()
    endpoint = webhooks.listen(session, work.client, hook, work.clock.today())
    for case in fresh:
        webhooks.queue(session, endpoint, f"case/{case.key}", "case.opened", _body(work, case), now)


def _body(work: Work, case: Case) -> str:
    cure = cure_for(case)
    data = {
        "client": case.client, "number": case.number, "customer": case.customer, "kind": case.kind,
        "state": case.state, "reason": case.reason, "evidence": case.evidence, "cure": cure.text,
        "command": cure.command,
    }  # fmt: skip
    return webhooks.message_body("case.opened", work.clock.now(), data)


def _reach(work: Work, turn: Turn) -> Callable[[str], None]:
    def reach(_phase: str) -> None:
        with work.ledger.writing() as session:
            alerts.leave(session, turn, work.clock.now())

    return reach


def _not_sent(work: Work, turn: Turn, error: ConnectorError | ArchiveFault) -> Entry:
    if isinstance(error, OutcomeUnknown):
        _settle(work, turn, State.UNKNOWN, str(error))
        return Entry(Result.STILL, SUBJECT, str(error))
    is_final = isinstance(error, NeedsPerson | ArchiveFault) and not isinstance(error, NotAuthorised)
    _settle(work, turn, State.REFUSED if is_final else State.FAILED, str(error))
    channel = channel_after(error) if isinstance(error, ChannelDown | NotAuthorised) else Channel.OPEN
    return Entry(Result.REFUSED if is_final else Result.WAITING, SUBJECT, str(error), channel)


def _settle(work: Work, turn: Turn, state: State, error: str) -> None:
    now, settings = work.clock.now(), work.settings
    first, cap = timedelta(seconds=settings.backoff_first_seconds), timedelta(seconds=settings.backoff_cap_seconds)
    pause = effects.back_off(turn.attempt, first, settings.backoff_factor, cap, random.uniform)
    with work.ledger.writing() as session:
        alerts.settle(session, turn, state, error, now + pause, now)


def _hooks(work: Work) -> list[Hook]:
    """The client's own programs that asked for cases."""
    return [hook for hook in work.hooks if Happening.CASE in hook.wants]


def _key_of(task: TaskRow) -> str:
    return f"task/{task.id}"


def _today(work: Work) -> str:
    return f"summary/{work.clock.today()}"
