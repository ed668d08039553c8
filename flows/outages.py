"""The report of a step, and what it says about the ways to foreign systems."""

from collections.abc import Sequence

from flows.report import Channel, Entry, Report
from flows.work import Work
from ledger import outages


def reported(work: Work, name: str, title: str, entries: Sequence[Entry]) -> Report:
    """The report of the step of that name. A way that is shut becomes a task, which is done once a run gets through."""
    broken = sorted((entry for entry in entries if entry.is_channel_down), key=_shut_first)
    with work.ledger.reading() as session:
        is_news = bool(broken) or outages.is_known(session, work.client, name)
    if is_news:
        with work.ledger.writing() as session:
            now, owner = work.clock.now(), work.config.dunning.task_owner
            if broken:
                is_shut = broken[0].channel is Channel.SHUT
                outages.met(session, work.client, name, broken[0].text, owner, now, is_shut=is_shut)
            else:
                outages.over(session, work.client, name, now)
    return Report(work.client, title, tuple(entries))


def _shut_first(entry: Entry) -> bool:
    return entry.channel is not Channel.SHUT
