"""Preview: what a run on a given day would decide, by the same rules and facts, without doing it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from billing.dunning import Decision, decide
from billing.dunning_facts import Facts, Source
from config.client import Client, policy_of
from flows.chain.remind import around
from ledger import claims
from ledger.database import Ledger
from ledger.tables import InvoiceRow


def preview(ledger: Ledger, config: Client, day: date, now: datetime) -> Iterator[tuple[InvoiceRow, Decision]]:
    """Each open invoice with the decision of that day, taking it that no payment comes and the banks report.

    `now` is an instant of that day at which letters leave.
    """
    policy, circumstances = policy_of(config), around(config)
    with ledger.reading() as session:
        for rows in claims.open_ones(session, config.name):
            facts = claims.facts_of(session, rows, circumstances, day)
            for row in rows:
                known = facts[row.id]
                fresh = replace(known, open_amount=row.open_amount, read_at=now, sources=_complete(known, day))
                yield row, decide(fresh, policy, day, now)


def _complete(facts: Facts, day: date) -> tuple[Source, ...]:
    return tuple(replace(source, complete_until=day) for source in facts.sources)
