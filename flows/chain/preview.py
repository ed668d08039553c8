"""Preview: what a run on a given day would decide, by the same rules and facts, without doing it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from billing.dunning import Decision, Outcome, decide
from billing.dunning_facts import Facts, Source
from billing.dunning_policy import Grouping, Policy, without_fees
from config.client import Client
from flows.around import around, current_policies
from ledger import claims
from ledger.database import Ledger
from ledger.invoices import customer_number
from ledger.tables import InvoiceRow


def preview(ledger: Ledger, config: Client, day: date, now: datetime) -> Iterator[tuple[InvoiceRow, Decision]]:
    """Each open invoice with the decision of that day, taking it that no payment comes and the banks report.

    `now` is an instant of that day at which letters leave. Of several invoices in one letter the first bears its fee.
    """
    policies, circumstances = current_policies(ledger, config), around(config)
    letters: set[object] = set()
    with ledger.reading() as session:
        for rows in claims.open_ones(session, config.name):
            facts = claims.facts_of(session, rows, circumstances, day)
            for row in rows:
                policy = policies.of(customer_number(row))
                fresh, decision = decided(row, facts[row.id], policy, day, now)
                letter = (
                    row.customer_key,
                    policy.origin,
                    fresh.kind,
                    row.draft["currency"],
                    decision.level,
                    decision.pay_until,
                )
                if letter in letters:
                    decision = decide(fresh, without_fees(policy), day, now)
                elif decision.outcome is Outcome.NOTICE and policy.grouping is Grouping.CUSTOMER:
                    letters.add(letter)
                yield row, decision


def decided(row: InvoiceRow, known: Facts, policy: Policy, day: date, now: datetime) -> tuple[Facts, Decision]:
    """The decision about one invoice, with the facts as they would be then."""
    fresh = replace(known, open_amount=row.open_amount, read_at=now, sources=_complete(known, day))
    return fresh, decide(fresh, policy, day, now)


def _complete(facts: Facts, day: date) -> tuple[Source, ...]:
    return tuple(replace(source, complete_until=day) for source in facts.sources)
