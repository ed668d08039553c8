"""Which form an invoice must have, and why: the decision table of §§ 14 and 27 (38) UStG, evaluated top down.

We send a ZUGFeRD document to everybody, which is an e-invoice and readable on paper; the table says whether the law
demands it. A customer with a Leitweg-ID gets an XRechnung. Foreign customers: no duty.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billing.contents import SMALL_INVOICE
from billing.invoices import Draft
from billing.jobs import TaxCase
from billing.leitweg import is_leitweg_id
from billing.parties import CustomerKind, Seller

LOW_TURNOVER = Decimal("800000.00")


class Form(StrEnum):
    """How an invoice is delivered: as PDF with XML inside, or as XML alone with a readable PDF beside it."""

    ZUGFERD = "zugferd"
    XRECHNUNG_UBL = "xrechnung_ubl"
    XRECHNUNG_CII = "xrechnung_cii"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that the duty depends on. Amounts in euro; `turnover` is the supplier's of the year before the supply.

    An unknown turnover is None and counts as high. `supplied_on` is the last day of performance, `sent_on` the day of
    transmission.
    """

    customer: CustomerKind
    supplied_on: date
    sent_on: date
    gross: Decimal
    tax_case: TaxCase = TaxCase.STANDARD
    small_business: bool = False
    turnover: Decimal | None = None
    country_code: str = "DE"
    buyer_reference: str = ""
    by_edi: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """The form to use; `row` of the table, whether it makes the e-invoice compulsory, and why, in German.

    Where it is not compulsory, sending a document electronically needs the customer's consent (§ 14 (1) s. 5 UStG).
    """

    form: Form
    is_compulsory: bool
    row: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; the first whose condition holds decides."""

    name: str
    holds: Callable[[Circumstances], bool]
    is_compulsory: bool
    reason: str


def duty(facts: Circumstances, xrechnung: Form = Form.XRECHNUNG_UBL) -> Duty:
    """The form that is due. `xrechnung` is the syntax that a customer with a Leitweg-ID gets."""
    row = next(row for row in TABLE if row.holds(facts))
    return Duty(xrechnung if wants_xrechnung(facts) else Form.ZUGFERD, row.is_compulsory, row.name, row.reason)


def circumstances(draft: Draft, seller: Seller, sent_on: date, turnover: Decimal | None = None) -> Circumstances:
    """What the duty depends on, for a draft that is transmitted on a day; `turnover` of the year before, in euro."""
    return Circumstances(
        customer=draft.customer.kind,
        supplied_on=draft.performed_until,
        sent_on=sent_on,
        gross=draft.totals.gross,
        tax_case=draft.tax_case,
        small_business=seller.small_business,
        turnover=turnover,
        country_code=draft.customer.address.country_code,
        buyer_reference=draft.buyer_reference,
    )


def wants_xrechnung(facts: Circumstances) -> bool:
    """Whether the customer takes invoices at a public portal: he has named a Leitweg-ID, and its check digits fit."""
    return is_leitweg_id(facts.buyer_reference)


def _is_public(facts: Circumstances) -> bool:
    """Only public customers have a Leitweg-ID, even if nobody has noted the kind of customer."""
    return facts.customer is CustomerKind.PUBLIC or wants_xrechnung(facts)


def _before_2027(facts: Circumstances) -> bool:
    return facts.supplied_on <= date(2026, 12, 31)


def _in_2027(facts: Circumstances) -> bool:
    return facts.supplied_on <= date(2027, 12, 31) and facts.sent_on <= date(2027, 12, 31)


def _low_turnover(facts: Circumstances) -> bool:
    return facts.turnover is not None and facts.turnover <= LOW_TURNOVER


TABLE = (
    Row(
        "0",
        lambda facts: facts.country_code not in ("", "DE"),
        is_compulsory=False,
        reason="Der Kunde sitzt nicht in Deutschland; keine Pflicht zur E-Rechnung (§ 14 Abs. 2 Satz 2 Nr. 1 UStG).",
    ),
    Row(
        "1",
        lambda facts: facts.customer is CustomerKind.CONSUMER and not _is_public(facts),
        is_compulsory=False,
        reason="Der Kunde ist kein Unternehmer; elektronische Formen brauchen seine Zustimmung (§ 14 Abs. 1 UStG).",
    ),
    Row(
        "2",
        _is_public,
        is_compulsory=True,
        reason="Öffentlicher Auftraggeber: E-Rechnung nach der E-Rechnungsverordnung des Bundes oder Landes.",
    ),
    Row(
        "3",
        lambda facts: facts.tax_case is TaxCase.EXEMPT,
        is_compulsory=False,
        reason="Steuerfrei nach § 4 Nr. 8 bis 29 UStG; es besteht keine Pflicht zur Rechnung (§ 14 Abs. 2 UStG).",
    ),
    Row(
        "4",
        lambda facts: abs(facts.gross) <= SMALL_INVOICE,
        is_compulsory=False,
        reason="Höchstens 250 EUR brutto; eine sonstige Rechnung ist immer erlaubt (§ 33 Satz 4 UStDV).",
    ),
    Row(
        "5",
        lambda facts: facts.small_business,
        is_compulsory=False,
        reason="Kleinunternehmer dürfen immer eine sonstige Rechnung ausstellen (§ 34a Satz 4 UStDV).",
    ),
    Row(
        "6",
        lambda facts: facts.supplied_on <= date(2024, 12, 31),
        is_compulsory=False,
        reason="Leistung vor 2025: altes Recht, eine sonstige Rechnung ist erlaubt.",
    ),
    Row(
        "7",
        lambda facts: _before_2027(facts) and facts.sent_on <= date(2026, 12, 31),
        is_compulsory=False,
        reason="Leistung und Übermittlung bis Ende 2026: sonstige Rechnung erlaubt (§ 27 Abs. 38 Nr. 1 UStG).",
    ),
    Row(
        "8",
        _before_2027,
        is_compulsory=True,
        reason="Leistung bis Ende 2026, aber erst ab 2027 übermittelt: E-Rechnung (§ 27 Abs. 38 UStG).",
    ),
    Row(
        "9",
        lambda facts: _in_2027(facts) and _low_turnover(facts),
        is_compulsory=False,
        reason="Leistung in 2027, Vorjahresumsatz höchstens 800.000 EUR: sonstige Rechnung (§ 27 Abs. 38 Nr. 2 UStG).",
    ),
    Row(
        "10",
        lambda facts: _in_2027(facts) and facts.by_edi,
        is_compulsory=False,
        reason="Leistung in 2027, mit Zustimmung über EDI (§ 27 Abs. 38 Nr. 3 UStG).",
    ),
    Row(
        "11",
        lambda facts: True,
        is_compulsory=True,
        reason="Rechnung zwischen inländischen Unternehmern: E-Rechnung (§ 14 Abs. 2 Satz 2 Nr. 1 UStG).",
    ),
)
