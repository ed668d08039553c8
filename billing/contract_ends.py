"""How contracts end: the earliest day after a notice, what a consumer may not be bound to, what is paid too much."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from billing.contracts import DAY, Agreed, Billed, Contract, Terms, amount_of, later, parts_between
from billing.parties import CustomerKind

FAIR_CONTRACTS = date(2022, 3, 1)
"""Since when § 309 no. 9 BGB has its present form (Art. 229 § 60 EGBGB); older contracts keep the older one."""
LONGEST_TERM, LONGEST_NOTICE, LONGEST_NOTICE_DAYS = 24, 1, 28


def earliest_end(contract: Contract, received_on: date) -> date:
    """The last day of the contract when notice is received on a day.

    Up to the end of a trial it is the trial's last day. Otherwise the end of the term that the notice is still in time
    for; a contract without a term, or after its term without renewal, ends with the period of notice. Whoever gives
    notice before the begin is bound all the same; without a term the contract may end before it begins.
    """
    agreed = contract.agreed
    if agreed.trial_days and received_on < contract.paid_from:
        return contract.paid_from - DAY
    with_notice = max(_after_notice(agreed, received_on), contract.begins_on - DAY)
    if not agreed.term_months:
        return with_notice
    months = agreed.term_months
    end = later(contract.begins_on, months) - DAY
    while agreed.renewal_months and with_notice > end:
        months += agreed.renewal_months
        end = later(contract.begins_on, months) - DAY
    return max(end, with_notice)


def unfair_terms(agreed: Agreed, kind: CustomerKind, begins_on: date) -> Sequence[str]:
    """What standard terms cannot bind a consumer to (§ 309 no. 9 BGB), in German; nothing for everybody else."""
    if kind is not CustomerKind.CONSUMER or begins_on < FAIR_CONTRACTS:
        return ()
    found = {
        f"Laufzeit höchstens {LONGEST_TERM} Monate (§ 309 Nr. 9 a BGB)": agreed.term_months > LONGEST_TERM,
        "keine Verlängerung auf bestimmte Zeit: renewal_months 0 (§ 309 Nr. 9 b BGB)": agreed.renewal_months > 0,
        "Kündigungsfrist höchstens ein Monat (§ 309 Nr. 9 b, c BGB)": agreed.notice_months > LONGEST_NOTICE
        or (agreed.notice_months == LONGEST_NOTICE and agreed.notice_days > 0)
        or agreed.notice_days > LONGEST_NOTICE_DAYS,
    }
    return tuple(text for text, is_broken in found.items() if is_broken)


def overpaid(contract: Contract, billed: Billed, ends_on: date, terms: Terms) -> Decimal:
    """What was billed for days after the end, net; 0.00 for nothing."""
    if billed.until is None or billed.until <= ends_on:
        return Decimal("0.00")
    return amount_of(parts_between(contract, ends_on + DAY, billed.until), terms)


def _after_notice(agreed: Agreed, received_on: date) -> date:
    """The last day of a period of notice; the day of receipt does not count (§ 187 (1) BGB)."""
    return later(received_on, agreed.notice_months) + timedelta(days=agreed.notice_days)
