"""What a payment pays: §§ 366, 367 BGB, Skonto, small differences, and the 85 % of § 48 EStG.

Whatever is received is allocated to the cent or named as surplus; nothing is lost and nothing invented.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from billing.default import last_working_day
from billing.money import CENT, Money, euro, to_cent, total
from billing.terms import EarlyOffer

NOTHING = euro(0)
ONE_CENT = euro(CENT)
WITHHELD_SHARE = Decimal("0.15")


class Settlement(StrEnum):
    """How a payment fits the claims it is meant for."""

    FULL = "full"
    WITH_EXTRAS = "with_extras"
    DISCOUNTED = "discounted"
    TOLERATED = "tolerated"
    PART = "part"
    LATE_DISCOUNT = "late_discount"
    WITHHOLDING = "withholding"
    SURPLUS = "surplus"

    @property
    def needs_person(self) -> bool:
        """Whether somebody must decide what becomes of the difference."""
        return self in {Settlement.LATE_DISCOUNT, Settlement.WITHHOLDING, Settlement.SURPLUS}

    @property
    def is_exact(self) -> bool:
        """Whether the amount alone says that exactly these claims were meant."""
        return self in {Settlement.FULL, Settlement.WITH_EXTRAS, Settlement.DISCOUNTED}


@dataclass(frozen=True, slots=True)
class Claim:
    """What is open of one invoice: principal, and the costs and interest demanded with it.

    `burden` is the interest rate it bears now, in percent a year. `offer` is its Skonto. `may_withhold`: a business
    may have to keep back 15 % for the tax office (§ 48 EStG: construction work, no exemption certificate).
    """

    number: str
    principal: Money
    due_date: date
    costs: Money = NOTHING
    interest: Money = NOTHING
    burden: Decimal = Decimal(0)
    is_secured: bool = False
    offer: EarlyOffer | None = None
    may_withhold: bool = False

    @property
    def extras(self) -> Money:
        """Costs and interest."""
        return self.costs + self.interest

    @property
    def open(self) -> Money:
        """All that is owed."""
        return self.principal + self.extras


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a payment that goes to one invoice, and what is given up of its principal with it."""

    number: str
    costs: Money = NOTHING
    interest: Money = NOTHING
    principal: Money = NOTHING
    discount: Money = NOTHING
    waived: Money = NOTHING

    @property
    def received(self) -> Money:
        """What of the payment goes here."""
        return self.costs + self.interest + self.principal

    @property
    def settled(self) -> Money:
        """By how much the open principal shrinks."""
        return self.principal + self.discount + self.waived


@dataclass(frozen=True, slots=True)
class Distribution:
    """A payment taken apart: shares and `surplus` add up to it exactly; `reasons` are German sentences."""

    settlement: Settlement
    shares: tuple[Share, ...]
    surplus: Money
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Payment:
    """A payment together with the claims it is held against."""

    amount: Money
    received_on: date
    claims: tuple[Claim, ...]
    is_designated: bool
    tolerance: Money
    laender: tuple[str, ...]


Reading = Callable[[_Payment], Distribution | None]


def allocate(
    amount: Money,
    received_on: date,
    claims: Sequence[Claim],
    designated: Iterable[str] = (),
    tolerance: Money = NOTHING,
    laender: Iterable[str] = (),
) -> Distribution:
    """Allocate a payment to the claims of one debtor.

    `designated` are the invoice numbers the debtor named (§ 366 (1) BGB); a payment that fits exactly one claim names
    it silently. `tolerance` is the difference a client lets pass, `laender` the seats whose holidays move a Skonto
    term. Raises `ValueError` for a payment that is not positive, not in euro or names a claim not among `claims`.
    """
    if amount.amount <= 0:
        raise ValueError("Angerechnet werden nur Zahlungseingänge.")
    if {amount.currency, *(claim.principal.currency for claim in claims)} != {NOTHING.currency}:
        raise ValueError("Angerechnet wird nur in Euro.")
    named = frozenset(designated)
    if missing := named - {claim.number for claim in claims}:
        raise ValueError(f"Benannt, aber nicht offen: {', '.join(sorted(missing))}.")
    chosen = [claim for claim in claims if claim.number in named] if named else _silently_named(amount, claims)
    payment = _Payment(amount, received_on, tuple(chosen), bool(named), tolerance, tuple(laender))
    for reading in READINGS:
        if found := reading(payment):
            return found
    return _by_law(payment)


def is_withheld(gross: Decimal, open_amount: Decimal) -> bool:
    """Whether just the 15 % of § 48 EStG are open, to the cent that rounding may make."""
    return 0 < open_amount < gross and abs(open_amount - to_cent(gross * WITHHELD_SHARE)) <= CENT


def discount_term(offer: EarlyOffer, laender: Iterable[str] = ()) -> date:
    """The last day on which Skonto may be taken, moved as § 193 BGB moves it."""
    return last_working_day(offer.until, laender)


def _silently_named(amount: Money, claims: Sequence[Claim]) -> Sequence[Claim]:
    exact = [claim for claim in claims if amount in (claim.open, claim.principal)]
    return exact if len(exact) == 1 else claims


def _in_full(payment: _Payment) -> Distribution | None:
    if payment.amount != total(claim.open for claim in payment.claims) or not payment.claims:
        return None
    extras = any(claim.extras for claim in payment.claims)
    text = "Der Betrag deckt alles Offene samt Kosten und Zinsen." if extras else "Der Betrag stimmt genau."
    shares = tuple(_whole(claim) for claim in payment.claims)
    return Distribution(Settlement.WITH_EXTRAS if extras else Settlement.FULL, shares, NOTHING, (text,))


def _principal_only(payment: _Payment) -> Distribution | None:
    """Who names the invoice and pays exactly its amount has chosen the principal."""
    if not payment.is_designated or payment.amount != total(claim.principal for claim in payment.claims):
        return None
    shares = tuple(Share(claim.number, principal=claim.principal) for claim in payment.claims)
    text = "Genau der Rechnungsbetrag mit Rechnungsnummer: auf die Hauptforderung bestimmt (§ 367 Abs. 2 BGB)."
    return Distribution(Settlement.FULL, shares, NOTHING, (text,))


def _discounted(payment: _Payment) -> Distribution | None:
    offered = [claim for claim in payment.claims if _saving(claim) and _in_term(claim, payment)]
    shares = _less(payment.claims, offered)
    if not offered or payment.amount != total(share.received for share in shares):
        return None
    text = f"Skonto innerhalb der Frist abgezogen ({', '.join(claim.number for claim in offered)})."
    return Distribution(Settlement.DISCOUNTED, shares, NOTHING, (text,))


def _tolerated(payment: _Payment) -> Distribution | None:
    for wanted in _targets(payment):
        difference = payment.amount - total(share.received for share in wanted)
        if not _within(difference, payment.tolerance):
            continue
        if difference.amount > 0:
            text = f"{difference} zu viel, innerhalb der Toleranz von {payment.tolerance}."
            return Distribution(Settlement.TOLERATED, wanted, difference, (text,))
        shares = _waive(wanted, -difference)
        if shares:
            text = f"{-difference} zu wenig, innerhalb der Toleranz von {payment.tolerance}."
            return Distribution(Settlement.TOLERATED, shares, NOTHING, (text,))
    return None


def _late_discount(payment: _Payment) -> Distribution | None:
    offered = [claim for claim in payment.claims if _saving(claim)]
    late = [claim for claim in offered if not _in_term(claim, payment)]
    expected = total(share.received for share in _less(payment.claims, offered))
    if not late or not _near(payment.amount - expected, payment.tolerance):
        return None
    ends = discount_term(late[0].offer, payment.laender) if late[0].offer else payment.received_on
    text = (
        f"Skonto abgezogen, die Frist endete aber am {ends:%d.%m.%Y}, gezahlt wurde am "
        f"{payment.received_on:%d.%m.%Y}: nachsehen oder nachfordern?"
    )
    return _part(payment, Settlement.LATE_DISCOUNT, text)


def _withholding(payment: _Payment) -> Distribution | None:
    if not payment.claims or not all(claim.may_withhold for claim in payment.claims):
        return None
    expected = total(_after_withholding(claim) for claim in payment.claims)
    if not _near(payment.amount - expected, ONE_CENT):
        return None
    text = "Genau 85 %: vermutlich Bauabzugsteuer einbehalten (§ 48 EStG). Bitte beim Kunden nachfragen, nicht mahnen."
    return _part(payment, Settlement.WITHHOLDING, text)


def _too_much(payment: _Payment) -> Distribution | None:
    surplus = payment.amount - total(claim.open for claim in payment.claims)
    if surplus.amount <= 0:
        return None
    text = f"{surplus} mehr als offen: Guthaben, andere Rechnung oder doppelt gezahlt?"
    return Distribution(Settlement.SURPLUS, tuple(_whole(claim) for claim in payment.claims), surplus, (text,))


def _by_law(payment: _Payment) -> Distribution:
    order = (
        "auf die benannten Rechnungen (§ 366 Abs. 1 BGB)"
        if payment.is_designated
        else "fällige, weniger sichere, lästigere, ältere zuerst (§ 366 Abs. 2 BGB)"
    )
    return _part(payment, Settlement.PART, f"Teilzahlung, {order}; je Rechnung Kosten, Zinsen, Hauptforderung (§ 367).")


READINGS: tuple[Reading, ...] = (
    _in_full,
    _principal_only,
    _discounted,
    _tolerated,
    _withholding,
    _late_discount,
    _too_much,
)


def _part(payment: _Payment, settlement: Settlement, reason: str) -> Distribution:
    """Less than is open, in the order of the law. What is kept back for tax or Skonto stays open until decided."""
    shares: list[Share] = []
    rest = payment.amount
    ranked = sorted(payment.claims, key=lambda claim: _rank(claim, payment.received_on))
    for _, equals in groupby(ranked, key=lambda claim: _rank(claim, payment.received_on)):
        group = list(equals)
        for claim, given in zip(group, _in_proportion(rest, group), strict=True):
            if given:
                shares.append(_costs_first(claim, given))
                rest -= given
    return Distribution(settlement, tuple(shares), rest, (reason,))


def _rank(claim: Claim, day: date) -> tuple[bool, bool, Decimal, date]:
    return (claim.due_date > day, claim.is_secured, -claim.burden, claim.due_date)


def _in_proportion(rest: Money, claims: Sequence[Claim]) -> list[Money]:
    """Split what is left over claims of equal rank; odd cents go to the largest remainders, first named first."""
    owed = total(claim.open for claim in claims)
    if owed <= rest:
        return [claim.open for claim in claims]
    cents = int(rest.amount / CENT)
    weights = [int(claim.open.amount / CENT) for claim in claims]
    shares = [cents * weight // sum(weights) for weight in weights]
    remainders = sorted(range(len(claims)), key=lambda place: -(cents * weights[place] % sum(weights)))
    for place in remainders[: cents - sum(shares)]:
        shares[place] += 1
    return [Money(share * CENT, rest.currency) for share in shares]


def _costs_first(claim: Claim, given: Money) -> Share:
    costs = min(given, claim.costs)
    interest = min(given - costs, claim.interest)
    return Share(claim.number, costs, interest, given - costs - interest)


def _whole(claim: Claim) -> Share:
    return Share(claim.number, claim.costs, claim.interest, claim.principal)


def _less(claims: Iterable[Claim], offered: Sequence[Claim]) -> tuple[Share, ...]:
    """The principals, those of `offered` less their Skonto."""
    return tuple(
        Share(claim.number, principal=claim.principal - _saving(claim), discount=_saving(claim))
        if claim in offered
        else Share(claim.number, principal=claim.principal)
        for claim in claims
    )


def _saving(claim: Claim) -> Money:
    """The Skonto, if more than it is still open."""
    saving = Money(claim.offer.saving, claim.principal.currency) if claim.offer else NOTHING
    return saving if saving < claim.principal else NOTHING


def _in_term(claim: Claim, payment: _Payment) -> bool:
    return claim.offer is not None and payment.received_on <= discount_term(claim.offer, payment.laender)


def _targets(payment: _Payment) -> Iterable[tuple[Share, ...]]:
    yield tuple(_whole(claim) for claim in payment.claims)
    if payment.is_designated:
        yield _less(payment.claims, ())
    offered = [claim for claim in payment.claims if _saving(claim) and _in_term(claim, payment)]
    if offered:
        yield _less(payment.claims, offered)


def _waive(shares: tuple[Share, ...], missing: Money) -> tuple[Share, ...]:
    """Give up `missing` on the largest principal; nothing if no principal is larger than that."""
    largest = max(shares, key=lambda share: share.principal.amount)
    if largest.principal <= missing:
        return ()
    waived = Share(
        largest.number,
        largest.costs,
        largest.interest,
        largest.principal - missing,
        largest.discount,
        missing,
    )
    return tuple(waived if share is largest else share for share in shares)


def _after_withholding(claim: Claim) -> Money:
    kept = to_cent(claim.principal.amount * WITHHELD_SHARE)
    return claim.principal - Money(kept, claim.principal.currency)


def _within(difference: Money, tolerance: Money) -> bool:
    return bool(difference) and _near(difference, tolerance)


def _near(difference: Money, tolerance: Money) -> bool:
    return abs(difference.amount) <= tolerance.amount and difference.currency == tolerance.currency
