"""Dunning steps taken, the decisions behind them, and the tasks that come of them."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.calendar import berlin_day
from billing.default import letter_received, mail_received
from billing.dunning import Decision
from billing.dunning_facts import LEFT, Arrival, Facts, PastNotice
from billing.dunning_policy import Policy
from ledger import bounces
from ledger.bodies import COSTS, FACTS, POLICY, REASON, pack
from ledger.effects import Kind, State
from ledger.journal import record
from ledger.tables import DecisionRow, EffectRow, InvoiceRow, Json, NoticeRow, TaskRow

PROGRAM = "Rechnungsbote"
"""Who closes a task whose cause is gone."""

# What a person gave up is like what may have been lost: not repeated, and the next level follows in its time.
ARRIVALS = {
    State.DONE: Arrival.SENT,
    State.UNKNOWN: Arrival.UNKNOWN,
    State.REFUSED: Arrival.REFUSED,
    State.CANCELLED: Arrival.UNKNOWN,
}


def past(session: Session, invoice_id: int) -> tuple[PastNotice, ...]:
    """The steps taken for an invoice, by level; a task counts as arrived on the day it was made."""
    return past_of(session, [invoice_id]).get(invoice_id, ())


def past_of(session: Session, invoice_ids: Sequence[int]) -> dict[int, tuple[PastNotice, ...]]:
    """The steps taken for several invoices."""
    query = (
        select(NoticeRow, EffectRow, DecisionRow.demand)
        .outerjoin(EffectRow, EffectRow.id == NoticeRow.effect_id)
        .join(DecisionRow, DecisionRow.id == NoticeRow.decision_id)
        .where(NoticeRow.invoice_id.in_(invoice_ids), NoticeRow.withdrawn_at.is_(None))
        .order_by(NoticeRow.invoice_id, NoticeRow.level)
    )
    found: dict[int, tuple[PastNotice, ...]] = {}
    steps = session.execute(query).all()
    returned = bounces.returned_effects(session, [effect.id for _, effect, _ in steps if effect])
    for notice, effect, demand in steps:
        past = _past(notice, effect, demand, is_returned=notice.effect_id in returned)
        found[notice.invoice_id] = (*found.get(notice.invoice_id, ()), past)
    return found


def decide(
    session: Session, invoice: InvoiceRow, decision: Decision, facts: Facts, policy: Policy, day: date, now: datetime
) -> DecisionRow:
    """Keep a decision with its facts and reasons; one that repeats the last one is not kept twice."""
    last = latest(session, invoice.id)
    reasons = [pack(REASON, reason) for reason in decision.reasons]
    if last and (last.outcome, last.level) == (decision.outcome, decision.level) and last.reasons == reasons:
        return last
    row = DecisionRow(
        client=invoice.client,
        invoice_id=invoice.id,
        day=day,
        decided_at=now,
        outcome=decision.outcome,
        level=decision.level,
        facts=pack(FACTS, facts),
        policy=pack(POLICY, policy),
        reasons=reasons,
        demand=_demand(decision),
    )
    session.add(row)
    session.flush()
    codes = [reason.code for reason in decision.reasons]
    record(session, now, invoice.client, f"dunning decided: {decision.outcome}", invoice.id, reasons=codes)
    return row


def latest(session: Session, invoice_id: int) -> DecisionRow | None:
    """The last decision about an invoice."""
    query = select(DecisionRow).where(DecisionRow.invoice_id == invoice_id).order_by(DecisionRow.id.desc()).limit(1)
    return session.scalar(query)


def take(
    session: Session,
    decision: DecisionRow,
    level: int,
    open_amount: Decimal,
    now: datetime,
    effect_id: int | None = None,
    task_id: int | None = None,
) -> NoticeRow:
    """Note that a step is taken. A second one for the same invoice and level is refused by the database."""
    row = NoticeRow(
        client=decision.client,
        invoice_id=decision.invoice_id,
        level=level,
        decision_id=decision.id,
        effect_id=effect_id,
        task_id=task_id,
        open_amount=open_amount,
        created_at=now,
        withdrawn_at=None,
    )
    session.add(row)
    session.flush()
    return row


def of_effect(session: Session, effect_id: int) -> list[NoticeRow]:
    """The steps that a reminder takes, one for each invoice in it; first that of the invoice it is filed under."""
    return list(session.scalars(select(NoticeRow).where(NoticeRow.effect_id == effect_id).order_by(NoticeRow.id)))


def ride(session: Session, invoice: InvoiceRow, first: InvoiceRow, now: datetime) -> None:
    """Note that an invoice is demanded in the letter of another one."""
    record(session, now, invoice.client, "reminded together", invoice.id, number=first.number)


def number_of(session: Session, invoice_id: int) -> int:
    """How many steps were ever begun for an invoice, withdrawn ones included: makes each mail's key its own."""
    return len(session.scalars(select(NoticeRow.id).where(NoticeRow.invoice_id == invoice_id)).all())


def of_invoice(session: Session, invoice_id: int) -> list[NoticeRow]:
    """All steps of an invoice, withdrawn ones included."""
    return list(session.scalars(select(NoticeRow).where(NoticeRow.invoice_id == invoice_id).order_by(NoticeRow.id)))


def ask(
    session: Session, client: str, key: str, title: str, body: str, owner: str, due_on: date | None, now: datetime,
    invoice_id: int | None = None,
) -> TaskRow:  # fmt: skip
    """Give a person something to do; the same key gives the task that is there already."""
    existing = session.scalar(select(TaskRow).where(TaskRow.client == client, TaskRow.key == key))
    if existing:
        return existing
    row = TaskRow(
        client=client,
        key=key,
        invoice_id=invoice_id,
        title=title,
        body=body,
        owner=owner,
        due_on=due_on,
        created_at=now,
        closed_at=None,
        closed_by="",
    )
    session.add(row)
    session.flush()
    record(session, now, client, "task made", invoice_id, title=title)
    return row


def tasks(session: Session, client: str | None = None) -> list[TaskRow]:
    """Everything people still have to do, oldest first."""
    query = select(TaskRow).where(TaskRow.closed_at.is_(None)).order_by(TaskRow.id)
    return list(session.scalars(query.where(TaskRow.client == client) if client else query))


def close(session: Session, task_id: int, by: str, now: datetime) -> TaskRow | None:
    """A person has done a task; None when there is no such open task."""
    row = session.get(TaskRow, task_id)
    if row is None or row.closed_at:
        return None
    row.closed_at, row.closed_by = now, by
    record(session, now, row.client, "task done", row.invoice_id, title=row.title, by=by)
    return row


def close_by_key(session: Session, client: str, key: str, by: str, now: datetime) -> None:
    """What a task asked for was done elsewhere; nothing where there is no such open task."""
    task_id = session.scalar(select(TaskRow.id).where(TaskRow.client == client, TaskRow.key == key))
    if task_id is not None:
        close(session, task_id, by, now)


def _past(notice: NoticeRow, effect: EffectRow | None, demand: Json, *, is_returned: bool) -> PastNotice:
    if effect is None:
        return PastNotice(notice.level, Arrival.SENT, berlin_day(notice.created_at))
    arrival = Arrival.BOUNCED if is_returned else ARRIVALS.get(State(effect.state), Arrival.WAITING)
    # A reminder of unknown fate is not repeated; the next level follows in its time, counted from the attempt.
    has_left = arrival in LEFT
    return PastNotice(
        level=notice.level,
        arrival=arrival,
        sent_on=berlin_day(effect.changed_at) if has_left else None,
        received_on=_received_on(effect) if arrival is Arrival.SENT else None,
        pay_until=date.fromisoformat(demand["pay_until"]) if demand.get("pay_until") else None,
        fee=Decimal(demand.get("fee", 0)),
        lump_sum=Decimal(demand.get("lump_sum", 0)),
    )


def _received_on(effect: EffectRow) -> date:
    if effect.kind == Kind.POST_REMINDER:
        return letter_received(berlin_day(effect.changed_at))
    return mail_received(effect.changed_at)


def _demand(decision: Decision) -> Json:
    if decision.pay_until is None:
        return {}
    demand: Json = {
        **pack(COSTS, decision.costs),
        "demanded": str(decision.demanded),
        "pay_until": decision.pay_until.isoformat(),
    }
    return demand
