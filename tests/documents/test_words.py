"""The words of the templates: both languages complete, the law's words exact, numbers in the reader's form."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape

import pytest

from billing.invoices import Kind
from billing.legal_notes import LegalNote, NoteKind
from documents.invoice import invoice_paper
from documents.languages import ENGLISH, GERMAN, LANGUAGES
from documents.legal_words import sentence
from documents.look import Look, look_for
from documents.mail import Attached, Sender, invoice_mail
from documents.samples import CONSUMER, SELLER, samples
from documents.templates import FOLDER, templates
from documents.view import NoteView
from tests.documents.reading import words
from tests.documents.test_mail import SENT, bodies, parsed


def vocabulary(language: str) -> object:
    """The names of a language's words."""
    return templates(Look(language=language)).environment.get_template(f"{language}/words.j2").module


def shown(kind: NoteKind, language: str) -> str:
    """A legal note as the template says it."""
    note = NoteView(kind.value, "2175733004201", "31.12.2027", "517,65 €")
    return unescape(vocabulary(language).note(note)).replace("\xa0", " ")  # type: ignore[attr-defined]


def test_languages_have_the_same_words() -> None:
    """Every word of German exists in English and the other way round, for every kind of invoice."""
    german, english = vars(vocabulary("de")), vars(vocabulary("en"))
    names = {name for name in german if not name.startswith("_")}
    assert names == {name for name in english if not name.startswith("_")}
    for name in ("kinds", "mail_kinds", "numbers", "totals", "introductions"):
        assert set(german[name]) == set(english[name]) == {kind.value for kind in Kind}


def test_languages_have_the_same_templates() -> None:
    """Each language's folder holds the same files."""
    files = [{path.name for path in (FOLDER / code).iterdir()} for code in LANGUAGES]
    assert files[0] == files[1]


@pytest.mark.parametrize("kind", NoteKind)
def test_paper_and_xml_use_the_same_words(kind: NoteKind) -> None:
    """Every legal note reads on German paper as the electronic invoice says it."""
    note = LegalNote(kind, "2175733004201", date(2027, 12, 31), Decimal("517.65"))
    assert shown(kind, "de").rstrip(".") == sentence(note).replace("\xa0", " ").rstrip(".")


@pytest.mark.parametrize("kind", NoteKind)
def test_english_notes_exist(kind: NoteKind) -> None:
    """Every legal note has English words that are not the German ones."""
    assert len(shown(kind, "en")) > 20
    assert shown(kind, "en") != shown(kind, "de")


def test_german_law_keeps_its_words_in_english() -> None:
    """§ 14a (5) UStG prescribes words; they stand beside the English ones."""
    assert "Steuerschuldnerschaft des Leistungsempfängers" in shown(NoteKind.REVERSE_CHARGE, "en")


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        ("1256.4", "1.256,40\xa0€", "€1,256.40"),
        ("-203.94", "\u2212203,94\xa0€", "\u2212€203.94"),
        ("0", "0,00\xa0€", "€0.00"),
    ],
)
def test_amounts_in_both_languages(value: str, german: str, english: str) -> None:
    """Amounts have two places, the language's separators and a real minus before everything else."""
    assert (GERMAN.amount(Decimal(value)), ENGLISH.amount(Decimal(value))) == (german, english)


def test_other_forms_in_both_languages() -> None:
    """Days, shares, prices and quantities follow the language; unknown currencies are named by their code."""
    assert [each.day(date(2026, 3, 2)) for each in (GERMAN, ENGLISH)] == ["02.03.2026", "2\xa0Mar\xa02026"]
    assert [each.percent(Decimal("2.5")) for each in (GERMAN, ENGLISH)] == ["2,5\xa0%", "2.5%"]
    assert ENGLISH.price(Decimal("1.0625")) == "€1.0625"
    assert ENGLISH.quantity(Decimal("1200.50")) == "1,200.5"
    assert [each.amount(Decimal(5), "CHF") for each in (GERMAN, ENGLISH)] == ["5,00\xa0CHF", "CHF\xa05.00"]


def test_customer_chooses_the_language() -> None:
    """An English customer of a German client gets English; a German one, the client's language."""
    english, german = replace(CONSUMER, language="en"), CONSUMER
    assert look_for(Look(), english).language == "en"
    assert look_for(Look(), german).language == "de"
    assert look_for(Look(language="en"), german).language == "en"
    assert look_for(Look(), replace(CONSUMER, language="fr")).language == "de"


def test_english_invoice_and_mail_hold_no_german_label() -> None:
    """Paper and mail of an English customer are English throughout, names and law aside."""
    made, seller = samples()["steuersaetze"]
    made = replace(made, draft=replace(made.draft, customer=replace(made.draft.customer, language="en")))
    text = words(invoice_paper(made, seller, Look()))
    assert "plus 7% VAT on €127.86" in text
    assert "Please transfer €734.88 by 16 Nov 2026" in text
    assert not any(label in text for label in ("Rechnung", "Betrag", "Menge", "Fällig", "zzgl", "Empfänger"))
    sender = Sender("invoice@malerbetrieb-sommer.example", SELLER.name)
    mail = invoice_mail(made, seller, Look(), sender, Attached("a.pdf", b"%PDF-1.7"), message_id_token="a", date=SENT)
    assert parsed(mail)["Subject"] == "Malerbetrieb Sommer GmbH: Invoice RE-2026-0045"
    for body in bodies(mail):
        assert "€734.88" in body
        assert not any(label in body for label in ("Rechnung", "Guten Tag", "Zahlbar", "Grüße"))
