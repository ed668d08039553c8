"""Matching bank lines: single rules by example, and a labelled set on which nothing certain may be wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.allocation import Claim
from billing.bank import BankLine
from billing.matching import Kind, KnownInvoices, Match, OpenInvoice, match
from billing.mentions import NumberIndex, Strength
from billing.money import Money, euro, total
from billing.names import NameIndex, names_agree
from billing.runs import creditor_reference
from billing.terms import EarlyOffer
from tests.billing.bank_lines import NUMBERING, TODAY, TOLERANCE, Labelled, labelled

RECALL_OF_CLEAR_LINES = Decimal("0.98")
RECALL_OF_ALL_LINES = Decimal("0.90")
FULL, PARTIAL, WEAK = Strength.FULL, Strength.PARTIAL, Strength.WEAK
INDEX = NumberIndex(["RE-2026-0147", "RE-2026-0148", "RE-2025-0311", "RE-1001", "RE-10010"], ["10023"])


def invoice(number: str, amount: str, name: str = "Hans Müller", **more: object) -> OpenInvoice:
    """An open invoice of customer 10023, whose account is known."""
    made = OpenInvoice(Claim(number, euro(amount), TODAY), euro(amount), "10023", name, frozenset({"DE1"}))
    return replace(made, **more)  # type: ignore[arg-type]


def line(amount: str, purpose: str, **more: object) -> BankLine:
    """A line of Hans Müller from his account."""
    made = BankLine("1", TODAY, euro(amount), TODAY, "MUELLER, HANS", "DE1", purpose)
    return replace(made, **more)  # type: ignore[arg-type]


def matched(paid: BankLine, *invoices: OpenInvoice, tolerance: Money = TOLERANCE) -> Match:
    """The match of a line with these invoices."""
    return match(paid, KnownInvoices(invoices), tolerance)


STRANGER = {"counterparty": "Gisela Unbekannt", "iban": "DE99"}


@pytest.fixture(scope="module")
def outcomes() -> list[tuple[Labelled, Match]]:
    """Every labelled line of every numbering with what was made of it."""
    made = []
    for numbering in NUMBERING:
        known, cases = labelled(numbering)
        made += [(case, match(case.line, known, TOLERANCE)) for case in cases]
    return made


def is_right(case: Labelled, found: Match) -> bool:
    """Whether exactly the meant invoices got exactly the meant amounts."""
    return {share.number: share.received for share in found.shares} == case.truth


def test_labelled_set_is_large_and_fixed(outcomes: list[tuple[Labelled, Match]]) -> None:
    """There are at least 300 lines, half of them traps and special cases, and they are the same every time."""
    cases = [case for case, _ in outcomes]

    assert len(cases) >= 300
    assert labelled("yearly")[1] == labelled("yearly")[1]
    assert len({case.scenario for case in cases}) >= 25
    assert sum(not case.is_clear for case in cases) > len(cases) / 3


def test_nothing_certain_is_wrong(outcomes: list[tuple[Labelled, Match]]) -> None:
    """Precision is 100 %: whatever books itself pays exactly the invoices the payer meant."""
    wrong = [(case, found) for case, found in outcomes if found.kind is Kind.CERTAIN and not is_right(case, found)]

    assert wrong == []


def test_recall(outcomes: list[tuple[Labelled, Match]], record_property: Callable[[str, object], None]) -> None:
    """At least 98 % of the clearly written lines book themselves, and 90 % of all that are meant honestly."""
    meant = [(case, found) for case, found in outcomes if case.truth and not case.is_decoy]
    clear = [found.kind is Kind.CERTAIN for case, found in meant if case.is_clear]
    every = [found.kind is Kind.CERTAIN for _, found in meant]
    of_clear, of_all = (Decimal(sum(booked)) / len(booked) for booked in (clear, every))
    record_property("recall_of_clear_lines", f"{of_clear:.4f} of {len(clear)}")
    record_property("recall_of_all_lines", f"{of_all:.4f} of {len(every)}")

    assert of_clear >= RECALL_OF_CLEAR_LINES
    assert of_all >= RECALL_OF_ALL_LINES


def test_special_cases_are_recognised(outcomes: list[tuple[Labelled, Match]]) -> None:
    """Late Skonto, 85 %, doubles, returned debits, strangers and our own payments are told apart."""
    other = [
        (case.scenario, case.line.purpose, found.kind)
        for case, found in outcomes
        if case.kind not in {None, found.kind}
    ]

    assert other == []


def test_every_match_explains_itself(outcomes: list[tuple[Labelled, Match]]) -> None:
    """Each match has reasons, and what came in is shared out to the cent unless nothing is known or it went out."""
    for case, found in outcomes:
        assert found.reasons
        assert all(reason.endswith((".", "?", ".)")) for reason in found.reasons), found.reasons
        assert (
            total((each.received for each in found.shares), found.surplus.currency) + found.surplus == case.line.amount
        )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RE-2026-0147", {"RE-2026-0147": FULL}),
        ("re 2026 0147 danke", {"RE-2026-0147": FULL}),
        ("RE20260147", {"RE-2026-0147": FULL}),
        ("RE.2026/0147", {"RE-2026-0147": FULL}),
        ("RechnungsnrRE20260147", {"RE-2026-0147": FULL}),
        ("RE-2026-0147vom12.10.2026", {"RE-2026-0147": FULL}),
        ("(RE-2026-0147)", {"RE-2026-0147": FULL}),
        ("RE-2026-01\n47", {"RE-2026-0147": PARTIAL}),
        ("RE-20 26-0147", {"RE-2026-0147": PARTIAL}),
        ("Rechnung Nr. 148", {"RE-2026-0148": PARTIAL}),
        ("Rechnung 2026-0147", {"RE-2026-0147": PARTIAL}),
        ("RE-2026-147", {"RE-2026-0147": PARTIAL}),
        ("RE-2026-0147, 0148", {"RE-2026-0147": FULL, "RE-2026-0148": PARTIAL}),
        ("RE-2026-0147 und RE-1001", {"RE-2026-0147": FULL, "RE-1001": FULL}),
        ("RE-2026-0147/RE-2026-0148", {"RE-2026-0147": FULL, "RE-2026-0148": FULL}),
        ("RE-1001 vom 05.11.2026", {"RE-1001": FULL}),
        ("RE-1001 10023", {"RE-1001": FULL}),
        ("RE-1001 119,00 EUR", {"RE-1001": FULL}),
        ("RE-10010", {"RE-10010": FULL}),
        ("RE-1001 0", {"RE-1001": WEAK, "RE-10010": WEAK}),
        ("RE-1001 7", {"RE-1001": WEAK}),
        ("RE-2O26-O147", {"RE-2026-0147": WEAK}),
        ("RE-l00l", {"RE-1001": WEAK}),
        ("2026-RE-1001", {"RE-1001": WEAK}),
        ("RE-1001-2", {"RE-1001": WEAK}),
        ("RE-1001A", {"RE-1001": WEAK}),
        ("RE-100100", {}),
        ("GRE-1001", {}),
        ("RE 1001,50 EUR", {}),
        ("Auftrag Nr. 147", {}),
        ("Kunden-Nr. 147", {}),
        ("Rechnung vom 14.7.2026", {}),
        ("1001", {}),
        ("", {}),
    ],
)
def test_numbers_in_text(text: str, expected: dict[str, Strength]) -> None:
    """A number is found in every honest spelling, and never inside a date, an amount or a longer number."""
    assert INDEX.find(text).invoices == expected


def test_unknown_numbers_are_noticed() -> None:
    """A number of our form that we do not know, other digits, and customer numbers are told apart."""
    found = INDEX.find("RE-2026-0999, Kd-Nr. 10023, Tel. 089123456, 12.10.2026, 119,00 EUR")

    assert found.unknown == ("RE 2026",)
    assert (found.customers, found.digits) == (frozenset({"10023"}), ("2026 0999", "TEL 089123456"))


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("MUELLER, HANS", "Hans Müller", True),
        ("Hans Muller", "Hans Müller", True),
        ("Hans und Sabine Müller", "Hans Müller", True),
        ("NORDBAU GMBH + CO KG", "Nordbau GmbH & Co. KG", True),
        ("Hausverwaltung Lindner Gmb", "Hausverwaltung Lindner GmbH", True),
        ("HAUSVERWALTUNG M. LINDNER E", "Hausverwaltung M. Lindner Erben GmbH", True),
        ("HAUSVERWALTUNG SABINE LINDN", "Hausverwaltung Sabine Lindner", True),
        ("Peter Schmidt", "Peter Schmidtke", False),
        ("Bäckerei", "Bäckerei e.K.", True),
        ("Müller", "Hans Müller", False),
        ("Hans Maier", "Hans Müller", False),
        ("Sabine Müller", "Hans Müller", False),
        ("", "Hans Müller", False),
    ],
)
def test_names(one: str, other: str, agree: bool) -> None:
    """Order, case, umlauts and legal forms do not matter; a family name alone does not do."""
    assert names_agree(one, other) is agree


words = st.sampled_from(["Hans", "Sabine", "Müller", "Groß", "Meier", "Lindner", "GmbH", "Hausverwaltung", "Dr."])
names = st.lists(words, max_size=4)


@given(
    customers=st.lists(names.map(" ".join), max_size=8), holder=names.map(" ".join), cut=st.sampled_from([27, 35, 99])
)
def test_names_found_are_those_that_agree(customers: list[str], holder: str, cut: int) -> None:
    """The index finds only customers whose name agrees, and all of them unless the bank cut the name."""
    known = {f"{place}": name for place, name in enumerate(customers)}
    cut_holder = holder[:cut]
    agreeing = {customer for customer, name in known.items() if names_agree(cut_holder, name)}
    found = NameIndex(known).find(cut_holder)

    assert found <= agreeing
    assert found == agreeing or len(cut_holder) == cut


@pytest.mark.parametrize(("number", "reference"), [("539007547034", "RF18539007547034"), ("x" * 22, ""), ("", "")])
def test_creditor_reference(number: str, reference: str) -> None:
    """Check digits follow ISO 11649; what is too long has no reference."""
    assert creditor_reference(number) == reference


def test_number_and_amount() -> None:
    """Number and exact amount are certain, whoever pays; a strange account holder is noted."""
    found = matched(line("119.00", "RE-2026-0147", **STRANGER), invoice("RE-2026-0147", "119.00"))

    assert (found.kind, found.numbers) == (Kind.CERTAIN, ("RE-2026-0147",))
    assert any("Kontoinhaber ist Gisela Unbekannt" in reason for reason in found.reasons)


def test_partial_number_needs_the_payer() -> None:
    """A number without its prefix is certain from the customer, and a proposal from a stranger."""
    one = invoice("RE-2026-0147", "119.00")

    assert matched(line("119.00", "Rechnung Nr. 147"), one).kind is Kind.CERTAIN
    assert matched(line("119.00", "Rechnung Nr. 147", **STRANGER), one).kind is Kind.PROPOSAL


def test_partial_number_that_fits_two() -> None:
    """A number without its year is nothing certain if two invoices end like that."""
    found = matched(line("119.00", "Rechnung 147"), invoice("RE-2026-0147", "119.00"), invoice("RE-2025-0147", "80.00"))

    assert found.kind is Kind.PROPOSAL


def test_all_demanded_in_the_reminder() -> None:
    """Who pays the invoice with the interest of the letter has paid both."""
    claim = Claim("RE-2026-0147", euro(1000), TODAY, euro("1.50"), euro("5.36"))
    found = matched(line("1006.86", "RE-2026-0147"), invoice("RE-2026-0147", "1000", claim=claim))

    assert found.kind is Kind.CERTAIN
    assert (found.shares[0].costs, found.shares[0].interest) == (euro("1.50"), euro("5.36"))


def test_discount_from_a_stranger() -> None:
    """Number and exactly the discounted amount in time are certain; a day late they are a proposal."""
    offer = EarlyOffer(date(2026, 11, 20), Decimal(2), Decimal("20.00"), Decimal("980.00"))
    one = invoice("RE-2026-0147", "1000", claim=Claim("RE-2026-0147", euro(1000), TODAY, offer=offer))

    assert matched(line("980.00", "RE-2026-0147", **STRANGER), one).kind is Kind.CERTAIN
    late = line("980.00", "RE-2026-0147", booked_on=date(2026, 11, 21), value_on=None)
    assert matched(late, one).kind is Kind.PROPOSAL


def test_value_date_counts_for_the_payer() -> None:
    """Booked a day late with value in time, Skonto is in time."""
    offer = EarlyOffer(date(2026, 11, 20), Decimal(2), Decimal("20.00"), Decimal("980.00"))
    one = invoice("RE-2026-0147", "1000", claim=Claim("RE-2026-0147", euro(1000), TODAY, offer=offer))

    assert matched(line("980.00", "RE-2026-0147", booked_on=date(2026, 11, 23)), one).kind is Kind.CERTAIN


def test_part_payment_of_several() -> None:
    """A sum too small for all named invoices is shared by law, but only as a proposal."""
    found = matched(line("150", "RE-1001 RE-1002"), invoice("RE-1001", "100"), invoice("RE-1002", "100"))

    assert (found.kind, [share.received for share in found.shares]) == (Kind.PROPOSAL, [euro(75), euro(75)])


def test_amount_of_another_invoice() -> None:
    """Number of one invoice, exact amount of another of the same customer: mixed up, somebody looks."""
    found = matched(line("80", "RE-1001"), invoice("RE-1001", "100"), invoice("RE-1002", "80"))

    assert found.kind is Kind.PROPOSAL
    assert any("verwechselt" in reason for reason in found.reasons)


def test_two_marks_and_single_amount() -> None:
    """Without a number, known account and name with an amount that fits one invoice are certain; one mark is not."""
    one = invoice("RE-1001", "119")

    assert matched(line("119", "Danke"), one).kind is Kind.CERTAIN
    assert matched(line("119", "Danke", iban="DE99"), one).kind is Kind.PROPOSAL
    assert matched(line("119", "Danke", counterparty="Gisela Unbekannt"), one).kind is Kind.PROPOSAL
    assert matched(line("119", "Danke 4711"), one).kind is Kind.PROPOSAL


def test_account_that_pays_for_several() -> None:
    """An account from which several customers' invoices were paid identifies nobody."""
    ours = invoice("RE-1001", "119")
    theirs = invoice("RE-1002", "80", "Sabine Groß", customer_number="10024")

    assert matched(line("119", "Danke", counterparty=""), ours, theirs).kind is Kind.PROPOSAL


def test_known_payer_without_number() -> None:
    """From a known customer the order of the law is proposed."""
    found = matched(line("150", "Zahlung"), invoice("RE-1001", "100"), invoice("RE-1002", "100"))

    assert (found.kind, found.numbers) == (Kind.PROPOSAL, ("RE-1001", "RE-1002"))


def test_double_payment() -> None:
    """The same amount for a paid invoice is a double; another amount is a question."""
    paid = invoice("RE-1001", "100", claim=Claim("RE-1001", euro(0), TODAY))

    assert matched(line("100", "RE-1001"), paid).kind is Kind.DOUBLE
    assert matched(line("90", "RE-1001"), paid).kind is Kind.PROPOSAL


def test_paid_and_open_named_together() -> None:
    """A paid invoice among those named turns the rest into a proposal."""
    paid = invoice("RE-1001", "100", claim=Claim("RE-1001", euro(0), TODAY))

    assert matched(line("80", "RE-1001 RE-1002"), paid, invoice("RE-1002", "80")).kind is Kind.PROPOSAL


def test_returned_debit() -> None:
    """A returned payment reopens the invoice it names; the bank's fee stands apart."""
    returned = line("-122.50", "Retoure SEPA Lastschrift", end_to_end_id="RE-1001", return_reason="AC04")
    found = matched(returned, invoice("RE-1001", "119", claim=Claim("RE-1001", euro(0), TODAY)))

    assert found.kind is Kind.RETURNED_DEBIT
    assert (found.shares[0].received, found.surplus) == (euro(-119), euro("-3.50"))


def test_returned_debit_without_number() -> None:
    """A returned payment that names nothing reopens nothing by itself."""
    found = matched(line("-119", "RUECKLASTSCHRIFT"), invoice("RE-1001", "119"))

    assert (found.kind, found.shares) == (Kind.RETURNED_DEBIT, ())


def test_own_payment_that_came_back() -> None:
    """Our own payment that bounced is no customer's payment, whatever its text says."""
    assert matched(line("119", "RE-1001", return_reason="AC01"), invoice("RE-1001", "119")).kind is Kind.PROPOSAL


def test_foreign_structured_reference() -> None:
    """A structured reference that is not ours forbids booking by amount."""
    found = matched(line("119", "", creditor_reference="RF18539007547034"), invoice("RE-1001", "119"))

    assert found.kind is Kind.PROPOSAL


def test_number_twice_is_refused() -> None:
    """Two invoices of one number cannot be told apart."""
    with pytest.raises(ValueError, match="twice"):
        KnownInvoices([invoice("RE-1001", "1"), invoice("RE-1001", "2")])


def test_other_money() -> None:
    """Other currencies are never booked, and invoices in them are not matched at all."""
    francs = Money(Decimal(119), "CHF")

    named, unnamed = (replace(line("119", purpose), amount=francs) for purpose in ("RE-1001", "Danke"))

    assert matched(named, invoice("RE-1001", "119")).kind is Kind.PROPOSAL
    assert matched(unnamed, invoice("RE-1001", "119")).kind is Kind.NONE
    with pytest.raises(ValueError, match="euro"):
        KnownInvoices([invoice("RE-1001", "119", gross=francs)])


texts = st.text(st.sampled_from("RE-20147 ,./\n0O1lrechnungNr.ßÄ€|²٣"), max_size=60) | st.text(max_size=60)


@given(
    purpose=texts,
    reference=texts,
    holder=texts,
    amount=st.integers(-20000, 20000),
    currency=st.sampled_from(["EUR", "CHF"]),
)
def test_total_for_every_text(purpose: str, reference: str, holder: str, amount: int, currency: str) -> None:
    """Whatever a bank line says there is a match with reasons, and a certain one pays open invoices only."""
    money = Money(Decimal(amount) / 100, currency)
    paid = BankLine("1", TODAY, money, TODAY, holder, "DE9", purpose, reference, reference)
    done = invoice("RE-2026-0001", "20.14", claim=Claim("RE-2026-0001", euro(0), TODAY))
    found = matched(paid, invoice("RE-2026-0147", "119.00"), invoice("RE-2026-0014", "20.14"), done)

    assert found.reasons
    if found.kind is Kind.CERTAIN:
        assert set(found.numbers) <= {"RE-2026-0147", "RE-2026-0014"}
        assert found.surplus <= TOLERANCE


@given(before=st.sampled_from("-_0123456789"), after=st.sampled_from("0123456789"))
def test_no_number_inside_a_longer_one(before: str, after: str) -> None:
    """A digit more at either end of a number is another number."""
    for text in (f"RE-1001{after}", f"{before}1001"):
        assert INDEX.find(text).invoices.get("RE-1001", WEAK) is WEAK
