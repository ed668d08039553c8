"""What a letter may demand beyond the open amount: nothing before default (§§ 280, 286, 288 BGB)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.base_rates import KNOWN, BaseRates, UnknownBaseRate
from billing.default import DefaultFacts, DefaultStart, Demand, default_start
from billing.dunning_facts import NONE, Facts
from billing.dunning_policy import HIGHEST_CONSUMER_FEE, Action, Level
from billing.interest import PartPayment, Period, default_interest, recovery_compensation
from billing.invoices import Channel
from billing.money import euro
from billing.parties import CustomerKind


@dataclass(frozen=True, slots=True)
class Costs:
    """What is demanded beside the claim on a day. `fee` is charged now, `earlier_fees` were charged before.

    `periods` is the reckoning behind `interest`; `problem` says in German why there is no interest.
    """

    fee: Decimal = NONE
    earlier_fees: Decimal = NONE
    lump_sum: Decimal = NONE
    interest: Decimal = NONE
    periods: tuple[Period, ...] = ()
    in_default_since: date | None = None
    problem: str = ""

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.fee + self.earlier_fees + self.lump_sum + self.interest


def default_of(facts: Facts, land: str = "") -> DefaultStart:
    """Since when the customer is in default, reckoned prudently: an extension postpones it, a bounced mail is none."""
    due = facts.payable_until
    is_wholly_disputed = bool(facts.dispute) and facts.disputed_amount is None
    return default_start(
        DefaultFacts(
            kind=facts.kind,
            claim_due=due,
            printed_due=due,
            agreed_due=due if facts.due_agreed else None,
            received_on=facts.received_on,
            note_printed=facts.note_printed,
            reminders=tuple(
                Demand(notice.received_on, notice.pay_until) for notice in facts.notices if notice.received_on
            ),
            withheld=f"die Forderung ist strittig ({facts.dispute})" if is_wholly_disputed else "",
            laender=(land,) if land else (),
        )
    )


def costs_of(facts: Facts, level: Level, start: DefaultStart, today: date, rates: BaseRates = KNOWN) -> Costs:
    """The costs of a level on a day, lawful whatever the policy says.

    None before default and none on a mere reminder; the lump sum once per invoice, less all fees; for consumers no
    lump sum, and of a fee only what a letter by post may cost.
    """
    since = start.in_default_since
    if since is None or not start.is_in_default(today) or level.action is not Action.NOTICE:
        return Costs()
    paid = sum((receipt.costs for receipt in facts.receipts), NONE)
    earlier = sum((notice.fee for notice in facts.notices), NONE)
    fee = _fee(facts.kind, level)
    lump_sum = recovery_compensation(facts.kind, since, today, euro(earlier + fee)).amount if level.lump_sum else NONE
    periods, interest, problem = _interest(facts, since, today, rates) if level.interest else ((), NONE, "")
    return Costs(
        fee=fee,
        earlier_fees=max(earlier - paid, NONE),
        lump_sum=max(lump_sum - max(paid - earlier, NONE), NONE),
        interest=interest,
        periods=periods,
        in_default_since=since,
        problem=problem,
    )


def _fee(kind: CustomerKind, level: Level) -> Decimal:
    if kind is not CustomerKind.CONSUMER:
        return level.fee
    return NONE if level.channel is Channel.MAIL else min(level.fee, HIGHEST_CONSUMER_FEE)


def _interest(facts: Facts, since: date, today: date, rates: BaseRates) -> tuple[tuple[Period, ...], Decimal, str]:
    """Interest on what may be demanded now and on what was paid since default began; what was paid off is deducted."""
    paid = [PartPayment(receipt.received_on, euro(receipt.principal)) for receipt in facts.receipts]
    principal = facts.demandable + sum((receipt.principal for receipt in facts.receipts), NONE)
    try:
        statement = default_interest(euro(max(principal, facts.demandable)), facts.kind, since, today, paid, rates)
    except UnknownBaseRate as unknown:
        return (), NONE, str(unknown)
    settled = sum((receipt.interest for receipt in facts.receipts), NONE)
    return statement.periods, max(statement.total.amount - settled, NONE), ""
