"""Searched: what a complete search for something of unknown fate means for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from billing.calendar import berlin_day
from connectors.errors import ConnectorError
from flows.chain.issue import subject_of
from flows.performing import channel_after
from flows.report import Entry, Result
from flows.work import Work
from ledger import effects, invoices
from ledger.database import Transaction
from ledger.effects import Flight
from ledger.tables import EffectRow, Json

NOT_YET = "Nicht gefunden; nach der Ruhezeit wird noch einmal gesucht."


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for: under which name a hit is kept, and what is told of each end, in German.

    `doubled` has a place for the number of hits.
    """

    name: str
    found: str
    doubled: str
    again: str


def settle_search(
    work: Work,
    effect_id: int,
    search: Search,
    find: Callable[[EffectRow, date], list[str]],
    note: Callable[[Transaction, Flight, Json], None],
) -> Entry:
    """Search completely, and settle the effect by it: adopt the one hit, alarm on several, count none.

    `find` gives ids since a day; `note` is run for what was found done after all.
    """
    with work.ledger.reading() as session:
        effect = effects.get(session, effect_id)
        subject = subject_of(invoices.get(session, effect.invoice_id))
    try:
        found = find(effect, berlin_day(effect.created_at) - timedelta(work.settings.overlap_days))
    except ConnectorError as error:
        return Entry(Result.WAITING, subject, error.message, channel_after(error))
    now = work.clock.now()
    with work.ledger.writing() as session:
        effect = effects.get(session, effect_id)
        if len(found) == 1:
            result = {search.name: found[0]}
            if effects.adopt(session, effect, result, now):
                note(session, effects.flight_of(effect), result)
            return Entry(Result.DONE, subject, search.found)
        if found:
            text = search.doubled.format(number=len(found))
            effects.refuse(session, effect, text, ", ".join(found), now)
            return Entry(Result.REFUSED, subject, text)
        again = effects.searched_in_vain(session, effect, work.settings.lookups, work.quiet, now)
    return Entry(Result.DONE, subject, search.again) if again else Entry(Result.UNKNOWN, subject, NOT_YET)
