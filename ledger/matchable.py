"""Issued invoices as matching needs them: with what the last letter demanded, Skonto, and the payers' accounts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from billing.allocation import Claim
from billing.dunning_facts import NONE
from billing.jobs import EarlyPayment
from billing.matching import KnownInvoices, OpenInvoice
from billing.money import euro
from billing.parties import CustomerKind
from billing.terms import EarlyOffer, early_offer
from ledger.effects import State
from ledger.tables import AllocationRow, DecisionRow, EffectRow, IncomingRow, InvoiceRow, Json, NoticeRow

REMEMBERED = timedelta(days=3 * 365)
"""So long a paid invoice is remembered: a second payment of it must be recognised."""

CHUNK = 500
SHOWN = 200
"""So many candidates a person is offered."""
LEFT = (State.DONE, State.UNKNOWN)
Extras = tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class Matchable:
    """The invoices by number, and the same prepared for matching."""

    rows: dict[str, InvoiceRow]
    known: KnownInvoices


def matchable(session: Session, client: str, today: date) -> Matchable:
    """All open invoices of a client and the paid ones of the last years; cancelled ones are none."""
    query = select(InvoiceRow).where(
        InvoiceRow.client == client,
        InvoiceRow.number.is_not(None),
        InvoiceRow.is_voided.is_(False),
        or_(InvoiceRow.open_amount > NONE, InvoiceRow.issue_date >= today - REMEMBERED),
    )
    rows = list(session.scalars(query.order_by(InvoiceRow.id)))
    found = {row.number or "": row for row in rows}
    return Matchable(found, KnownInvoices(open_invoices(session, list(found.values()))))


def candidates(session: Session, client: str, amount: Decimal) -> list[InvoiceRow]:
    """Open invoices for which a payment of this amount may be; those that lack just this stand first."""
    query = (
        select(InvoiceRow)
        .where(
            InvoiceRow.client == client,
            InvoiceRow.number.is_not(None),
            InvoiceRow.is_voided.is_(False),
            InvoiceRow.open_amount > NONE,
        )
        .order_by(func.abs(InvoiceRow.open_amount - amount), InvoiceRow.id)
        .limit(SHOWN)
    )
    return list(session.scalars(query))


def open_invoices(session: Session, rows: Sequence[InvoiceRow]) -> list[OpenInvoice]:
    """Some invoices of one client as matching needs them; a few queries for each few hundred."""
    if not rows:
        return []
    ibans = _accounts(session, rows[0].client)
    extras = _extras(session, [row.id for row in rows])
    return [_open_invoice(row, extras.get(row.id, (NONE, NONE)), ibans) for row in rows]


def claim_of(session: Session, row: InvoiceRow) -> Claim:
    """What is owed on one invoice: costs and interest as the last letter demanded them, and the principal."""
    return open_invoices(session, [row])[0].claim


def _open_invoice(row: InvoiceRow, extras: Extras, ibans: dict[str, frozenset[str]]) -> OpenInvoice:
    customer = row.draft["customer"]
    principal = max(row.open_amount, NONE)
    costs, interest = extras if principal else (NONE, NONE)
    claim = Claim(
        row.number or "",
        euro(principal),
        row.due_date or row.issue_date,
        euro(costs),
        euro(interest),
        offer=_offer(row),
        may_withhold=customer["kind"] != CustomerKind.CONSUMER,
    )
    accounts = ibans.get(row.customer_key, frozenset())
    return OpenInvoice(claim, euro(row.gross), str(customer["number"]), row.customer_name, accounts)


def _offer(row: InvoiceRow) -> EarlyOffer | None:
    """The Skonto printed on the invoice; none once anything was paid, since it is for paying all at once."""
    early = row.draft["terms"]["early_payment"]
    if early is None or row.open_amount != row.gross:
        return None
    return early_offer(row.issue_date, row.gross, EarlyPayment(Decimal(early["percent"]), early["days"]))


def _accounts(session: Session, client: str) -> dict[str, frozenset[str]]:
    """The accounts from which each customer has paid before, by what was booked."""
    query = (
        select(InvoiceRow.customer_key, IncomingRow.line)
        .join(AllocationRow, AllocationRow.invoice_id == InvoiceRow.id)
        .join(IncomingRow, IncomingRow.id == AllocationRow.incoming_id)
        .where(AllocationRow.client == client, AllocationRow.principal > NONE)
    )
    found: dict[str, set[str]] = defaultdict(set)
    for customer, line in session.execute(query):
        if line.get("iban"):
            found[customer].add(str(line["iban"]))
    return {customer: frozenset(accounts) for customer, accounts in found.items()}


def _extras(session: Session, ids: Sequence[int]) -> dict[int, Extras]:
    """Costs and interest of the last letter that left, less what was received on them since."""
    demands: dict[int, tuple[Json, EffectRow]] = {}
    received: dict[int, list[AllocationRow]] = defaultdict(list)
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        letters = (
            select(NoticeRow.invoice_id, DecisionRow.demand, EffectRow)
            .join(DecisionRow, DecisionRow.id == NoticeRow.decision_id)
            .join(EffectRow, EffectRow.id == NoticeRow.effect_id)
            .where(NoticeRow.invoice_id.in_(some), NoticeRow.withdrawn_at.is_(None), EffectRow.state.in_(LEFT))
            .order_by(NoticeRow.level)
        )
        demands |= {invoice_id: (demand, effect) for invoice_id, demand, effect in session.execute(letters)}
        for row in session.scalars(select(AllocationRow).where(AllocationRow.invoice_id.in_(some))):
            received[row.invoice_id].append(row)
    return {
        invoice_id: _unpaid(demand, [row for row in received[invoice_id] if row.made_at > effect.changed_at])
        for invoice_id, (demand, effect) in demands.items()
    }


def _unpaid(demand: Json, since: Iterable[AllocationRow]) -> Extras:
    paid = list(since)
    costs = sum((Decimal(demand.get(name, 0)) for name in ("fee", "earlier_fees", "lump_sum")), NONE)
    costs -= sum((row.costs for row in paid), NONE)
    interest = Decimal(demand.get("interest", 0)) - sum((row.interest for row in paid), NONE)
    return max(costs, NONE), max(interest, NONE)
