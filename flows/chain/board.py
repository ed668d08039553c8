"""Board: show tasks where people work already, and hear which of them somebody has ticked off there."""

import random
from datetime import timedelta

from connectors.errors import ConnectorError
from connectors.protocols import Card, TaskBoard
from flows.performing import channel_after
from flows.report import Entry, Result
from flows.work import Work
from ledger import cards, effects, notices
from ledger.tables import TaskRow

BOARD = "Aufgabenbrett"


def mirror(work: Work) -> list[Entry]:
    """First take in what was ticked there, so that nothing ticked is put up again; then put up what is new."""
    if work.board is None or work.config.task_board is None:
        return []
    heard = _hear(work, work.board)
    return heard if heard and heard[-1].is_channel_down else heard + _show_all(work, work.board)


def _hear(work: Work, board: TaskBoard) -> list[Entry]:
    with work.ledger.reading() as session:
        hanging = cards.hanging(session, work.client)
    if not hanging:
        return []
    try:
        ticked = [uid for uid in board.ticked() if uid in hanging]
    except ConnectorError as error:
        return [Entry(Result.WAITING, BOARD, error.message, channel_after(error))]
    now = work.clock.now()
    entries = []
    with work.ledger.writing() as session:
        for uid in ticked:
            task = notices.close(session, hanging[uid], BOARD, now)
            if task is not None:
                cards.shown(session, task, now)
                entries.append(Entry(Result.DONE, f"Aufgabe {task.id}", "auf dem Brett abgehakt"))
    return entries


def _show_all(work: Work, board: TaskBoard) -> list[Entry]:
    owners = work.config.task_board.owners if work.config.task_board else ()
    with work.ledger.reading() as session:
        due = cards.due(session, work.client, owners, work.clock.now())
    entries: list[Entry] = []
    for task in due:
        entries.append(_show(work, board, task))
        if entries[-1].is_channel_down:
            break
    return entries


def _show(work: Work, board: TaskBoard, task: TaskRow) -> Entry:
    now, subject = work.clock.now(), f"Aufgabe {task.id}"
    try:
        board.show(card_of(task))
    except ConnectorError as error:
        settings = work.settings
        with work.ledger.writing() as session:
            pause = effects.back_off(
                cards.attempts(session, task) + 1,
                timedelta(seconds=settings.backoff_first_seconds),
                settings.backoff_factor,
                timedelta(seconds=settings.backoff_cap_seconds),
                random.uniform,
            )
            cards.put_off(session, task, error.message, now + pause, now)
        return Entry(Result.WAITING, subject, error.message, channel_after(error))
    with work.ledger.writing() as session:
        cards.shown(session, task, now)
    return Entry(Result.DONE, subject, "auf dem Brett")


def card_of(task: TaskRow) -> Card:
    """A task as the board shows it."""
    changed_at = task.closed_at or task.created_at
    text = f"{task.body}\n\nFür: {task.owner}"
    return Card(cards.uid_of(task), task.title, text, task.due_on, task.closed_at is not None, changed_at)
