"""Reminders and dunning notices: a lawful demand with its statement of account, in a tone that never threatens."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing.interest import PartPayment, default_interest
from billing.money import euro
from documents.agreement import printed_text
from documents.case import ENGLISH
from documents.demand import Cost, CostKind, Notice, OpenInvoice, Received
from documents.errors import DeviatingPaper, NothingToDemand
from documents.look import Look, look_for
from documents.mail import Attached, Mail, Sender, reminder_mail
from documents.notice import notice_paper, notice_sheet
from documents.notice_view import notice_view
from documents.samples import BUILDER, CONSUMER, SELLER, samples
from tests.documents.reading import pages, words
from tests.documents.test_mail import bodies, parsed

TODAY = date(2026, 11, 21)
PAID = Received(Decimal("500.00"), date(2026, 7, 3))
INTEREST = default_interest(
    euro("1256.40"), BUILDER.kind, date(2026, 6, 16), TODAY, [PartPayment(date(2026, 7, 3), euro("500.00"))]
)
LUMP_SUM = Cost(CostKind.LUMP_SUM, Decimal("40.00"))
OPEN = OpenInvoice("RE-1", date(2026, 6, 1), date(2026, 6, 15), Decimal("1256.40"), (PAID,), INTEREST, (LUMP_SUM,))
NOTICE = Notice(3, TODAY, date(2026, 12, 1), BUILDER, (OPEN,), (date(2026, 10, 1), date(2026, 10, 21)))
PLAIN = replace(OPEN, interest=None, costs=())
THREATS = ("Schufa", "SCHUFA", "Auskunftei", "Inkasso", "Anzeige", "Straf", "Gericht", "Anwalt", "Vollstreck", "Klage")


def at_level(level: int, customer: str = "de") -> Notice:
    """A plain notice of that level."""
    who = replace(BUILDER, language=customer)
    return replace(NOTICE, level=level, customer=who, invoices=(PLAIN,))


def letter_of(notice: Notice) -> str:
    """The words of a notice before layout, in the language of its customer."""
    look = look_for(Look(), notice.customer)
    return printed_text(notice_sheet(notice, SELLER, look).page)


def test_statement_names_every_claim() -> None:
    """Number, dates, gross, payment with its day, open amount, interest periods with rate and days, costs, total."""
    text = words(notice_paper(NOTICE, SELLER, Look()))
    for fact in (
        "RE-1 01.06.2026 15.06.2026 1.256,40 €",
        "Zahlung am 03.07.2026 −500,00 € 756,40 €",
        "16.06.2026 30.06.2026 15 10,27 % 1.256,40 € 5,3027",
        "04.07.2026 21.11.2026 141 10,52 % 756,40 € 30,7393",
        "9 Prozentpunkte (§ 288 Abs. 2 BGB)",
        "Verzugszinsen 37,13 €",
        "Verzugspauschale (§ 288 Abs. 5 BGB) 40,00 €",
        "Gesamtbetrag 833,53 €",
        "Bitte überweisen Sie 833,53 € bis zum 01.12.2026",
        "DE02 1203 0000 0000 2020 51",
    ):
        assert fact in text


def test_printed_interest_adds_up() -> None:
    """The printed periods, rounded once in their sum, are the interest demanded."""
    view = notice_view(NOTICE, SELLER)
    exact = sum(Decimal(period.amount.replace(",", ".")) for period in view.interest)
    assert f"{exact:.2f}".replace(".", ",") in view.interest_total


def test_the_same_cost_of_many_invoices_stands_once() -> None:
    """Three lump sums are one row of three times 40 euro."""
    many = tuple(replace(OPEN, number=f"RE-{at}") for at in (1, 2, 3))
    text = words(notice_paper(replace(NOTICE, invoices=many), SELLER, Look()))
    assert "Verzugspauschale (§ 288 Abs. 5 BGB), 3 × 40,00 € 120,00 €" in text


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("language", ["de", "en"])
def test_no_level_threatens(level: int, language: str) -> None:
    """No level and no language speaks of agencies, courts, collection or reports (BGH I ZR 157/13)."""
    assert not [threat for threat in THREATS if threat in letter_of(at_level(level, language))]


def test_every_level_has_its_own_words() -> None:
    """The four levels have different subjects and different openings; beyond the last, the last is kept."""
    texts = [letter_of(at_level(level)) for level in (1, 2, 3, 4, 5)]
    assert len(set(texts)) == 4
    assert texts[3] == texts[4]
    assert "kostenlos" in texts[0]
    assert not any("kostenlos" in text for text in texts[1:])


def test_every_letter_offers_to_talk() -> None:
    """Each level says how to object and what to do if the payment has crossed."""
    for level in (1, 2, 3, 4):
        text = letter_of(at_level(level))
        assert "gegenstandslos" in text
        assert "0221 5550142" in text


def test_customer_reads_his_language() -> None:
    """An English customer gets an English letter with English numbers, the law's paragraphs stay."""
    text = words(notice_paper(replace(NOTICE, customer=replace(ENGLISH, kind=BUILDER.kind)), SELLER, Look()))
    assert "Second dunning notice for invoice RE-1" in text
    assert "Total amount €833.53" in text
    assert "(§ 288 Abs. 5 BGB)" in text


@pytest.mark.parametrize(
    "changed",
    [
        replace(NOTICE, invoices=()),
        replace(NOTICE, level=0),
        replace(NOTICE, pay_until=TODAY),
        replace(NOTICE, invoices=(replace(OPEN, received=(Received(Decimal("1256.40")),)),)),
        replace(NOTICE, invoices=(replace(OPEN, received=(Received(Decimal(-1)),)),)),
        replace(NOTICE, invoices=(replace(PLAIN, costs=(Cost(CostKind.LUMP_SUM, Decimal(0)),)),)),
        replace(NOTICE, invoices=(replace(PLAIN, costs=(Cost(CostKind.LUMP_SUM, Decimal("40.01")),)),)),
        replace(NOTICE, customer=CONSUMER),
        replace(NOTICE, customer=CONSUMER, invoices=(replace(PLAIN, costs=(Cost(CostKind.POSTAGE, Decimal(8)),)),)),
        replace(NOTICE, level=1),
    ],
)
def test_unlawful_demands_are_refused(changed: Notice) -> None:
    """Nothing open, too much, no time to pay, flat fees, a lump sum for consumers or costs in the first reminder."""
    with pytest.raises(NothingToDemand):
        notice_paper(changed, SELLER, Look())


def test_a_template_cannot_lose_the_claim(tmp_path: object) -> None:
    """A client's template that leaves out the statement is refused."""
    folder = tmp_path / "de"  # type: ignore[operator]
    folder.mkdir()
    text = '{% extends "central/de/notice.html.j2" %}{% block statement %}{% endblock %}'
    (folder / "notice.html.j2").write_text(text, encoding="utf-8")
    with pytest.raises(DeviatingPaper):
        notice_paper(NOTICE, SELLER, Look(templates=folder.parent))


def test_same_input_gives_same_bytes() -> None:
    """Printing a notice again gives the very same file, dated on its day."""
    first, second = (notice_paper(NOTICE, SELLER, Look()) for _ in range(2))
    assert first == second
    assert b"2026-11-21T00:00:00Z" in first.pdf


def test_long_statements_keep_rows_and_sums_whole() -> None:
    """Over sixty invoices the columns are named on each page of the statement, and the sum is not torn apart."""
    many = tuple(replace(PLAIN, number=f"RE-{at}") for at in range(1, 61))
    found = pages(notice_paper(replace(NOTICE, invoices=many), SELLER, Look()))
    holding = [text for text in found if "RE-" in text and "756,40 €" in text]
    assert len(holding) > 2
    assert all("Fällig am" in text for text in holding[1:])
    (last,) = (
        text for text in found if "Offener Betrag 45.384,00 €" in text.partition("Zahlbar bis")[2] or "Bitte" in text
    )
    assert "45.384,00 €" in last


def reminder(level: int, letter: Attached | None = None) -> Mail:
    """The mail of that level for a sample invoice."""
    return reminder_mail(
        *samples()["skonto-rabatt"],
        Look(),
        Sender("rechnung@malerbetrieb-sommer.example", SELLER.name),
        Attached("Rechnung_RE-2026-0043.pdf", b"%PDF-1.7 invoice"),
        open_amount=Decimal("7846.93"),
        pay_until=date(2026, 12, 16),
        message_id_token=f"RB-1.reminder-{level}",
        date=datetime(2026, 12, 9, 9, tzinfo=UTC),
        refers_to="",
        level=level,
        letter=letter,
    )


def test_second_mail_does_not_repeat_the_first() -> None:
    """From level 2 on subject and words differ; nobody is told twice that it was surely an oversight."""
    assert parsed(reminder(1))["Subject"].endswith("Zahlungserinnerung zur Rechnung RE-2026-0043")
    assert parsed(reminder(2))["Subject"].endswith("1. Mahnung zur Rechnung RE-2026-0043")
    assert parsed(reminder(4))["Subject"].endswith("Letzte Mahnung zur Rechnung RE-2026-0043")
    openings = {body for level in (1, 2, 3, 4) for body in bodies(reminder(level))}
    assert len(openings) == 8
    assert not any("untergegangen" in body for level in (2, 3, 4) for body in bodies(reminder(level)))


def test_mail_names_what_it_carries() -> None:
    """With a letter both files are attached and named; without one, the invoice alone."""
    with_letter = reminder(2, Attached("Mahnung_RE-2026-0043.pdf", b"%PDF-1.7 letter"))
    names = [part.get_filename() for part in parsed(with_letter).iter_attachments()]
    assert names == ["Mahnung_RE-2026-0043.pdf", "Rechnung_RE-2026-0043.pdf"]
    assert all("Unser Schreiben und die Rechnung liegen bei." in body for body in bodies(with_letter))
    assert all("Die Rechnung liegt noch einmal bei." in body for body in bodies(reminder(2)))
