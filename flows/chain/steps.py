"""The steps of the chain as data: what each asks once, and which items it then takes one by one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial

from flows.chain import (
    account,
    alarm,
    announce,
    answer,
    board,
    book,
    by_post,
    cancel,
    collect,
    contracts,
    contradict,
    deposit,
    duplicate,
    inbox,
    issue,
    reconcile,
    remind,
    returned,
    sweep,
    times,
    track,
    transmit,
    upkeep,
)
from flows.outages import reported
from flows.performing import each
from flows.report import Entry, Report
from flows.sharing import Share, is_out_of_reach, sharing
from flows.stopwatch import timed
from flows.work import Work
from ledger.effects import REMINDERS, Kind
from ledger.overrides import INVOICE_LETTERS, INVOICE_MAILS


@dataclass(frozen=True, slots=True)
class Batch:
    """Items of one kind: `pending` lists the ids that wait now, `do` takes one of them.

    `ahead` has others work on ids until it is left, so that less is left to do when their turn comes.
    """

    title: str
    pending: Callable[[Work], list[int]]
    do: Callable[[Work, int], Entry | None]
    ahead: Callable[[Work, Sequence[int]], AbstractContextManager[None]] | None = None

    def begun(self, work: Work, ids: Sequence[int]) -> AbstractContextManager[None]:
        """While these items wait for their turn: what can be done ahead is done."""
        return self.ahead(work, ids) if self.ahead and ids else nullcontext()

    def take(self, work: Work, ids: Sequence[int]) -> list[Entry]:
        """Take these items, one after the other."""
        with timed(work.client, self.title, len(ids)):
            return each(ids, partial(self.do, work))


@dataclass(frozen=True, slots=True)
class Step:
    """One step: first everything in `once`, then the batches in order; a batch is listed when its turn comes.

    `kinds` are the effects it carries out: what of them failed is what a person means by "once more".
    """

    name: str
    title: str
    once: tuple[Callable[[Work], list[Entry]], ...] = ()
    batches: tuple[Batch, ...] = ()
    kinds: tuple[Kind, ...] = ()

    def ask(self, work: Work) -> list[Entry]:
        """Do what is done once."""
        with timed(work.client, self.title, len(self.once)):
            return [entry for ask in self.once for entry in ask(work)]


RECONCILE = Step(
    "reconcile",
    "Offenes klären",
    once=(account.watch, reconcile.recover, reconcile.unknown_mails, sweep.sweep),
    batches=(
        Batch("Nachschau", reconcile.to_look_up, reconcile.look_up_one),
        Batch("Nachschau nach Stornos", cancel.to_look_up, cancel.look_up_one),
        Batch("Nachschau nach Briefen", by_post.to_look_up, reconcile.look_up_letter),
    ),
)
MAILBOX = Step(
    "mailbox",
    "Postfach lesen",
    once=(inbox.read,),
    batches=(Batch("Rückläufer", returned.to_handle, returned.handle_one),),
)
COLLECT = Step("collect", "Aufträge abholen", once=(collect.collect,))
TIMES = Step("times", "Zeiten abrechnen", once=(times.collect, times.bill))
CONTRACTS = Step(
    "contracts",
    "Verträge abrechnen",
    batches=(
        Batch("Angehaltene Verträge", contracts.to_mend, contracts.mend_one),
        Batch("Verträge", contracts.to_bill, contracts.bill_one),
    ),
)
ISSUE = Step(
    "issue",
    "Rechnungen schreiben",
    batches=(
        Batch("Entwürfe", issue.to_draft, issue.draft_one),
        Batch("Abgelehnte Entwürfe", issue.refused, issue.redraft_one),
        Batch("Rechnungen", issue.in_work, issue.issue_one),
        Batch("Stornos", cancel.to_cancel, cancel.cancel_one),
    ),
    kinds=(Kind.CREATE_INVOICE, Kind.ISSUE_INVOICE, Kind.CANCEL_INVOICE),
)
TRANSMIT = Step(
    "transmit",
    "Rechnungen versenden",
    batches=(
        Batch("Belege", transmit.to_file, transmit.file_one, transmit.printing_ahead),
        Batch("Stornorechnungen", cancel.to_file, cancel.file_one),
        Batch("Zweitschriften", duplicate.to_write, duplicate.write_one),
        Batch("Mails", transmit.to_send, transmit.send_one),
        Batch("Briefe", by_post.to_post, by_post.post_one),
        Batch("Unterwegs", by_post.to_track, by_post.track_one),
        Batch("Ablage", deposit.to_deposit, deposit.deposit_one),
    ),
    kinds=(*INVOICE_MAILS, *INVOICE_LETTERS, Kind.FILE_DOCUMENT),
)
TRACK = Step("track", "Zahlungen prüfen", once=(track.track, book.book, contradict.contradictions))
REMIND = Step(
    "remind",
    "Erinnern",
    batches=(
        Batch("Liegengebliebene Erinnerungen", remind.to_send, remind.send_one),
        Batch("Fällige Prüfungen", remind.to_remind, remind.remind_one),
    ),
    kinds=REMINDERS,
)

ANSWER = Step("answer", "Rückrufe beantworten", once=(answer.answer,))
RESPOND = Step("respond", "Auf Rückrufe hin", once=ANSWER.once, batches=(*ISSUE.batches, *TRANSMIT.batches))
"""From a callback to the customer's mailbox in one go."""
UPKEEP = Step("upkeep", "Rückrufe pflegen", once=(upkeep.keep_up,))

ANNOUNCE = Step("announce", "Meldungen senden", once=(announce.announce, announce.deliver))

ALARM = Step(
    "alarm",
    "Melden",
    once=(board.mirror, alarm.gather),
    batches=(Batch("Meldungen", alarm.to_send, alarm.send_one),),
)

CYCLE = (RECONCILE, MAILBOX, ANSWER, COLLECT, TIMES, CONTRACTS, ISSUE, TRANSMIT, TRACK, REMIND, ALARM, ANNOUNCE)
"""A whole cycle: every step may run alone, at any time, also twice at once."""

LINE = (ISSUE, TRANSMIT)
"""Steps that a cycle does chunk by chunk: while one chunk is printed, the next is written and the last one mailed."""


def run_steps(work: Work, steps: Sequence[Step], tell: Callable[[str], None] = lambda _: None) -> Iterator[Report]:
    """Steps of one client, item after item, in this process; what `LINE` says goes together is done together.

    `tell` learns in German what is going on.
    """
    together = [step for step in steps if step in LINE]
    for step in steps:
        tell(step.title)
        if step not in together:
            yield run_step(work, step)
        elif step is together[0]:
            yield from _run_line(work, together, tell)


def run_step(work: Work, step: Step) -> Report:
    """One step of one client, item after item, in this process."""
    entries = step.ask(work)
    with sharing(work) as share:
        for batch in step.batches:
            entries += _all_of(batch, work, share)
    return reported(work, step.name, step.title, entries)


def _all_of(batch: Batch, work: Work, share: Share) -> list[Entry]:
    entries: list[Entry] = []
    for chunk in share.chunks(batch.title, batch.pending(work), partial(batch.pending, work)):
        with batch.begun(work, chunk):
            entries += batch.take(work, chunk)
        if is_out_of_reach(entries):
            break
    return entries


def _run_line(work: Work, steps: Sequence[Step], tell: Callable[[str], None]) -> list[Report]:
    with sharing(work) as share:
        stations = {step: [_Station(work, batch, share) for batch in step.batches] for step in steps}
        line = [station for found in stations.values() for station in found]
        while _move(line):
            tell(", ".join(f"{station.batch.title}: {station.passed}" for station in line if station.passed))
    return [
        reported(work, step.name, step.title, [entry for station in found for entry in station.entries])
        for step, found in stations.items()
    ]


def _move(line: Sequence["_Station"]) -> bool:
    """Move each station's next chunk on; False when nothing waits any more.

    What others work on ahead comes last: until then this process does all the rest.
    """
    with ExitStack() as stack:
        later = [(station, station.begin(stack)) for station in line if station.batch.ahead]
        moved = [station.take(station.next_chunk()) for station in line if not station.batch.ahead]
        moved += [station.take(chunk) for station, chunk in later]
    return any(moved)


class _Station:
    """A batch of the line: every item comes by once, also when it is still waiting after that."""

    def __init__(self, work: Work, batch: Batch, share: Share) -> None:
        self.batch = batch
        self.entries: list[Entry] = []
        self._work = work
        self._share = share
        self._seen: set[int] = set()

    @property
    def passed(self) -> int:
        """How many items have come by."""
        return len(self._seen)

    def next_chunk(self) -> list[int]:
        """What is to be done next; nothing while the channel is down."""
        if is_out_of_reach(self.entries):
            return []
        waiting = [item for item in self.batch.pending(self._work) if item not in self._seen]
        chunk = self._share.chunk(self.batch.title, waiting)
        self._seen.update(chunk)
        return chunk

    def begin(self, stack: ExitStack) -> list[int]:
        """The next chunk, on which others work ahead until the stack is left."""
        chunk = self.next_chunk()
        stack.enter_context(self.batch.begun(self._work, chunk))
        return chunk

    def take(self, chunk: Sequence[int]) -> bool:
        """Do what is to be done; whether that was anything."""
        if chunk:
            self.entries += self.batch.take(self._work, chunk)
        return bool(chunk)
