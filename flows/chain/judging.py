"""Judging: what is decided about an invoice today, on a payment state read just now, and which ones go together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from billing.dunning import PAYMENT_CODES, Decision, Outcome, decide
from billing.dunning_facts import Facts
from billing.dunning_policy import Grouping, Policy, without_fees
from connectors.errors import ConnectorError
from flows.around import around
from flows.chain.track import note_fact
from flows.work import Work
from ledger import claims, invoices, payments
from ledger.database import Transaction
from ledger.tables import InvoiceRow

MOST_TOGETHER = 100


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision about an invoice with all that it rests on, so that it can be kept and made again."""

    row: InvoiceRow
    facts: Facts
    policy: Policy
    today: date
    now: datetime
    decision: Decision


def judge(work: Work, row: InvoiceRow) -> Judged:
    """Decide about one invoice; the accounting system is asked only where nothing else stands in the way already.

    Raises `ConnectorError` when it cannot be asked.
    """
    judged = _judge(work, row)
    if not all(reason.code in PAYMENT_CODES for reason in judged.decision.obstacles):
        return judged
    return _judge(work, refresh(work, row))


def together(work: Work, first: Judged) -> list[Judged]:
    """The invoice and all others of its customer that are due for the same letter today, in the order of their ids.

    One letter costs one fee, which the first of them bears. What cannot be read now waits for its own turn.
    """
    if first.policy.grouping is not Grouping.CUSTOMER:
        return [first]
    with work.ledger.reading() as session:
        ids = payments.to_check(session, work.client, first.today, first.row.customer_key)
        others = [invoices.get(session, each) for each in ids if each != first.row.id]
    found = [first]
    for row in others[: MOST_TOGETHER - 1]:
        try:
            judged = judge(work, row)
        except ConnectorError:
            continue
        if _same_letter(first, judged):
            found.append(judged)
    return _one_fee(sorted(found, key=lambda each: each.row.id))


def refresh(work: Work, row: InvoiceRow) -> InvoiceRow:
    """The invoice with a payment state not older than the client's settings allow, read now if need be."""
    age = work.clock.now() - row.payment_read_at if row.payment_read_at else timedelta.max
    if timedelta(0) <= age <= timedelta(seconds=work.settings.payment_age_seconds / 2):
        return row
    fact = work.payments.state(row.external_id or "", work.clock.now())
    with work.ledger.writing() as session:
        row = invoices.get(session, row.id)
        note_fact(work, session, row, fact)
    return row


def facts_of(work: Work, session: Transaction, row: InvoiceRow) -> Facts:
    """All that is known about an invoice and bears on reminding."""
    return claims.facts_of(session, [row], around(work.config), work.clock.today())[row.id]


def _judge(work: Work, row: InvoiceRow) -> Judged:
    with work.ledger.reading() as session:
        row = invoices.get(session, row.id)
        facts = facts_of(work, session, row)
    today, now = work.clock.today(), work.clock.now()
    policy = work.policy_for(row)
    return Judged(row, facts, policy, today, now, decide(facts, policy, today, now))


def _same_letter(first: Judged, other: Judged) -> bool:
    """The same level of one policy for the same kind of customer in one currency: one tone, one period, one sum."""
    if other.decision.outcome is not Outcome.NOTICE or other.decision.level != first.decision.level:
        return False
    return _sum_of(other) == _sum_of(first)


def _sum_of(judged: Judged) -> tuple[object, ...]:
    return (judged.row.draft["currency"], judged.facts.kind, judged.decision.pay_until, judged.policy)


def _one_fee(found: Sequence[Judged]) -> list[Judged]:
    policy = without_fees(found[0].policy)
    freed = [
        replace(each, policy=policy, decision=decide(each.facts, policy, each.today, each.now)) for each in found[1:]
    ]
    return [found[0], *freed]
