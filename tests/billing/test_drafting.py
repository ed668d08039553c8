"""From a finished job to a draft, or to the full list of what is missing."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.drafting import CannotDraft, Problem, draft, is_plain_mail_address
from billing.invoices import Channel
from billing.jobs import Discount, EarlyPayment, Job, Line, PriceMode, TaxCase, Terms
from billing.parties import Address
from tests.billing.samples import ERIKA, JOB, NOTE, TERMS, TODAY, WORK, drafted


def problems(job: Job, channel: Channel = Channel.MAIL) -> tuple[Problem, ...]:
    """What is wrong with a job."""
    with pytest.raises(CannotDraft) as refused:
        draft(job, TERMS, channel, TODAY, "RB-AAAA-BBBB-CCCC")
    assert str(refused.value) == " ".join(problem.message for problem in refused.value.problems)
    return refused.value.problems


def codes(job: Job, channel: Channel = Channel.MAIL) -> list[str]:
    """The codes of what is wrong with a job."""
    return [problem.code for problem in problems(job, channel)]


def test_a_job_in_order_becomes_a_draft() -> None:
    """The draft carries everything of the job, the terms and the sums."""
    made = drafted()
    for name in ("customer", "lines", "performed_from", "performed_until", "price_mode", "tax_case", "discount"):
        assert getattr(made, name) == getattr(JOB, name)
    for name in ("order_id", "order_number", "title", "introduction", "remark", "currency"):
        assert getattr(made, name) == getattr(JOB, name)
    assert (made.marker, made.source_id, made.issue_date) == ("RB-AAAA-BBBB-CCCC", "dn-1", TODAY)
    assert (made.terms, made.channel) == (TERMS, Channel.MAIL)
    assert (made.totals.net, made.totals.vat, made.totals.gross) == (
        Decimal("184.88"),
        Decimal("35.13"),
        Decimal("220.01"),
    )


def test_the_jobs_own_terms_win() -> None:
    """Terms agreed in the job go before the client's usual ones."""
    own = Terms(30, EarlyPayment(Decimal(2), 10))
    assert drafted(replace(JOB, terms=own)).terms == own


BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("already-invoiced", {"invoiced_as": ("RE-7",)}),
    ("no-customer", {"customer": None}),
    ("no-customer", {"customer": replace(ERIKA, name="  ")}),
    ("no-address", {"customer": replace(ERIKA, address=Address("Weg 1", "79100", ""))}),
    ("no-address", {"customer": replace(ERIKA, address=Address(" ", "79100", "Freiburg"))}),
    ("no-address", {"customer": replace(ERIKA, address=Address("Weg 1", "", "Freiburg"))}),
    ("no-mail-address", {"customer": replace(ERIKA, email="")}),
    ("bad-mail-address", {"customer": replace(ERIKA, email="a@b.de, c@d.de")}),
    ("no-lines", {"lines": ()}),
    ("no-lines", {"lines": (NOTE,)}),
    ("currency", {"currency": "CHF"}),
    ("vat-rate", {"lines": (replace(WORK, vat_rate=Decimal(16)),)}),
    ("vat-shown", {"tax_case": TaxCase.SMALL_BUSINESS}),
    ("vat-shown", {"tax_case": TaxCase.REVERSE_CHARGE}),
    ("no-amount", {"lines": (replace(WORK, quantity=Decimal(0)),)}),
    ("no-amount", {"lines": (replace(WORK, quantity=Decimal(-1)),)}),
    ("no-amount", {"discount": Discount(percent=Decimal(100))}),
    ("no-amount", {"discount": Discount(amount=Decimal(1000))}),
]


@pytest.mark.parametrize(("code", "changes"), BROKEN)
def test_each_problem_is_named(code: str, changes: dict[str, Any]) -> None:
    """One thing wrong gives exactly its problem."""
    assert codes(replace(JOB, **changes)) == [code]


@pytest.mark.parametrize(("code", "changes"), BROKEN)
def test_each_problem_is_a_german_sentence_that_names_the_thing(code: str, changes: dict[str, Any]) -> None:
    """The owner reads which job or customer it is about, in a sentence."""
    (problem,) = problems(replace(JOB, **changes))
    assert problem.message.endswith(".")
    assert "LS-1" in problem.message or "Erika Beispiel" in problem.message


def test_all_problems_are_named_at_once() -> None:
    """Nobody mends one thing only to hear of the next."""
    job = replace(
        JOB,
        invoiced_as=("RE-7", "RE-8"),
        customer=replace(ERIKA, address=Address(), email="erika"),
        currency="CHF",
        lines=(replace(WORK, vat_rate=Decimal(16)), replace(WORK, vat_rate=Decimal(5))),
    )
    assert codes(job) == ["already-invoiced", "no-address", "bad-mail-address", "vat-rate", "vat-rate", "currency"]
    assert "RE-7, RE-8" in problems(job)[0].message


def test_a_foreign_currency_hides_nothing() -> None:
    """A job in francs without lines, or without an amount, hears of both."""
    assert codes(replace(JOB, currency="CHF", lines=())) == ["no-lines", "currency"]
    assert codes(replace(JOB, currency="CHF", discount=Discount(percent=Decimal(100)))) == ["no-amount", "currency"]


def test_the_same_problem_is_named_once() -> None:
    """Ten lines with one wrong rate are one problem."""
    assert codes(replace(JOB, lines=(replace(WORK, vat_rate=Decimal(16)),) * 10)) == ["vat-rate"]


@pytest.mark.parametrize("email", ["", "nonsense"])
def test_a_document_that_is_not_mailed_needs_no_mail_address(email: str) -> None:
    """Channel none: a person hands the document over."""
    job = replace(JOB, customer=replace(ERIKA, email=email))
    made = draft(job, TERMS, Channel.NONE, TODAY, "RB-AAAA-BBBB-CCCC")
    assert made.channel is Channel.NONE


@pytest.mark.parametrize("case", [case for case in TaxCase if case is not TaxCase.STANDARD])
def test_a_tax_free_invoice_shows_no_vat(case: TaxCase) -> None:
    """§ 14c UStG: without VAT all is well, gross is net."""
    made = drafted(replace(JOB, tax_case=case, lines=(replace(WORK, vat_rate=Decimal(0)),)))
    assert made.totals.vat == 0
    assert made.totals.gross == made.totals.net == Decimal("160.00")


def test_photovoltaics_at_zero_percent_is_an_ordinary_rate() -> None:
    """§ 12 (3) UStG: 0 % is a rate of the standard case."""
    assert drafted(replace(JOB, lines=(replace(WORK, vat_rate=Decimal("0.00")),))).totals.vat == 0


@pytest.mark.parametrize(
    "address",
    [
        "a@b.de",
        "erika.beispiel@firma.example",
        "buero+rechnung@sub.firma-eins.example",
        "o'neill@x.de",
        "_@x.de",
        "a" * 64 + "@b.de",
        "ERIKA@BEISPIEL.EXAMPLE",
    ],
)
def test_ordinary_mail_addresses_pass(address: str) -> None:
    """What all mail programs read alike is fine."""
    assert is_plain_mail_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "erika",
        "erika@",
        "@firma.de",
        "erika@firma",
        "a@b.de\n",
        "a@b.de\r\nBcc: x@y.de",
        " a@b.de",
        "a@b.de ",
        "a b@c.de",
        "a@b.de,c@d.de",
        "a@b.de;c@d.de",
        "Erika <a@b.de>",
        "<a@b.de>",
        '"a b"@c.de',
        "a@@b.de",
        "a@b@c.de",
        ".a@b.de",
        "a.@b.de",
        "a..b@c.de",
        "a@.b.de",
        "a@b..de",
        "a@b.de.",
        "a@-b.de",
        "a@b-.de",
        "a@[192.0.2.1]",
        "müller@firma.de",
        "a@müller.de",
        "a@b.de\x00",
        "=?utf-8?q?a?=@b.de\t",
        "a" * 65 + "@b.de",
        "a@" + "b" * 64 + ".de",
        "a@" + ".".join(["b" * 60] * 5),
    ],
)
def test_everything_else_is_refused(address: str) -> None:
    """Several addresses, names, controls, quoted and foreign letters: no mail goes there."""
    assert not is_plain_mail_address(address)


@given(st.text(max_size=30))
def test_no_plain_address_can_break_a_header(text: str) -> None:
    """Whatever passes is one printable ASCII word with one @."""
    for address in (text, f"{text}@b.de", f"a@{text}.de"):
        if is_plain_mail_address(address):
            assert address.isascii()
            assert address.isprintable()
            assert not set(address) & set(' ,;:<>()[]"\\')
            assert address.count("@") == 1


JOBS = st.builds(
    Job,
    source=st.just("lexware"),
    external_id=st.just("dn-1"),
    version=st.just("1"),
    number=st.just("LS-1"),
    customer=st.none() | st.sampled_from([ERIKA, replace(ERIKA, email="x"), replace(ERIKA, address=Address())]),
    lines=st.lists(
        st.builds(
            Line,
            name=st.just("Arbeit"),
            quantity=st.integers(-3, 3).map(Decimal),
            unit_price=st.integers(-100, 100).map(Decimal),
            vat_rate=st.sampled_from([Decimal(rate) for rate in (0, 7, 16, 19)]),
            is_text=st.booleans(),
        ),
        max_size=4,
    ).map(tuple),
    performed_from=st.just(TODAY),
    performed_until=st.just(TODAY + timedelta(1)),
    price_mode=st.sampled_from(PriceMode),
    tax_case=st.sampled_from(TaxCase),
    invoiced_as=st.sampled_from([(), ("RE-7",)]),
    currency=st.sampled_from(["EUR", "CHF"]),
)


@given(JOBS, st.sampled_from(Channel))
def test_a_draft_is_right_or_there_are_problems(job: Job, channel: Channel) -> None:
    """Whatever a source reports: either a draft with customer, amount and lawful rates, or reasons."""
    try:
        made = draft(job, TERMS, channel, TODAY, "RB-AAAA-BBBB-CCCC")
    except CannotDraft:
        named = problems(job, channel)
        assert named
        assert len(set(named)) == len(named)
        return
    assert made.totals.gross > 0
    assert made.customer.address.is_complete
    assert made.currency == "EUR"
    assert not job.invoiced_as
    assert channel is not Channel.MAIL or is_plain_mail_address(made.customer.email)
    assert made.tax_case is TaxCase.STANDARD or made.totals.vat == 0
