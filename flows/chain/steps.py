"""The steps of the chain as data: what each asks once, and which items it then takes one by one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flows.chain import book, collect, issue, reconcile, remind, track, transmit
from flows.performing import each
from flows.report import Entry, Report
from flows.work import Work


@dataclass(frozen=True, slots=True)
class Batch:
    """Items of one kind: `pending` lists the ids that wait now, `do` takes one of them."""

    title: str
    pending: Callable[[Work], list[int]]
    do: Callable[[Work, int], Entry | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: first everything in `once`, then the batches in order; a batch is listed when its turn comes."""

    name: str
    title: str
    once: tuple[Callable[[Work], list[Entry]], ...] = ()
    batches: tuple[Batch, ...] = ()


RECONCILE = Step(
    "reconcile",
    "Offenes klären",
    once=(reconcile.recover, reconcile.unknown_mails),
    batches=(Batch("Nachschau", reconcile.to_look_up, reconcile.look_up_one),),
)
COLLECT = Step("collect", "Aufträge abholen", once=(collect.collect,))
ISSUE = Step(
    "issue",
    "Rechnungen schreiben",
    batches=(
        Batch("Entwürfe", issue.to_draft, issue.draft_one),
        Batch("Abgelehnte Entwürfe", issue.refused, issue.redraft_one),
        Batch("Rechnungen", issue.in_work, issue.issue_one),
    ),
)
TRANSMIT = Step(
    "transmit",
    "Rechnungen versenden",
    batches=(
        Batch("Belege", transmit.to_file, transmit.file_one),
        Batch("Mails", transmit.to_send, transmit.send_one),
    ),
)
TRACK = Step("track", "Zahlungen prüfen", once=(track.track, book.book))
REMIND = Step(
    "remind",
    "Erinnern",
    batches=(
        Batch("Liegengebliebene Erinnerungen", remind.to_send, remind.send_one),
        Batch("Fällige Prüfungen", remind.to_remind, remind.remind_one),
    ),
)

CYCLE = (RECONCILE, COLLECT, ISSUE, TRANSMIT, TRACK, REMIND)
"""A whole cycle: every step may run alone, at any time, also twice at once."""


def run_step(work: Work, step: Step) -> Report:
    """One step of one client, item after item, in this process."""
    entries = [entry for ask in step.once for entry in ask(work)]
    for batch in step.batches:
        entries += each(batch.pending(work), partial(batch.do, work))
    return Report(work.client, step.title, tuple(entries))
