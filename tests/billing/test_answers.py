"""What customers write: paid, disputed, promised, in German and English; quotes and signatures do not count."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.answers import Claim, amount_in, day_in, own_words, read_answer

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Wir haben den Betrag gestern überwiesen.", Claim.PAID),
        ("Die Rechnung ist bereits bezahlt, bitte prüfen Sie Ihr Konto.", Claim.PAID),
        ("Bezahlt am 20.11.", Claim.PAID),
        ("I have already paid this invoice on Monday.", Claim.PAID),
        ("The payment was made last week.", Claim.PAID),
        ("Der Betrag wird am 5. Dezember überwiesen.", Claim.PROMISE),
        ("Ich zahle bis Monatsende.", Claim.PROMISE),
        ("Die Rechnung ist noch nicht bezahlt, wir überweisen am 05.12.", Claim.PROMISE),
        ("Können wir in zwei Raten zahlen?", Claim.PROMISE),
        ("We will pay next week.", Claim.PROMISE),
        ("Ich widerspreche der Mahnung. Ich habe bezahlt.", Claim.DISPUTE),
        ("Die Rechnung stimmt nicht, Position 3 ist zu hoch.", Claim.DISPUTE),
        ("Es bestehen Mängel an der Fassade.", Claim.DISPUTE),
        ("This invoice is incorrect, we never ordered that.", Claim.DISPUTE),
        ("Die Arbeiten sind nicht fertig.", Claim.DISPUTE),
        ("Können Sie mir die Rechnung nochmal schicken?", Claim.NOTHING),
        ("Die Rechnung ist nicht bezahlt.", Claim.NOTHING),
        ("Vielen Dank und schöne Grüße", Claim.NOTHING),
        ("", Claim.NOTHING),
    ],
)
def test_claims(text: str, claim: Claim) -> None:
    """A sentence means what a clerk would take it for; doubt means nothing."""
    assert read_answer(f"Guten Tag,\n\n{text}\n\nMit freundlichen Grüßen", TUESDAY).claim is claim


def test_what_is_quoted_is_not_said() -> None:
    """Our own words below the answer, in whatever form mail programs quote them, claim nothing."""
    for head in (
        "Am 24.11.2026 um 10:00 schrieb Malerbetrieb:",
        "-----Ursprüngliche Nachricht-----",
        "On 24 Nov, Maler wrote:",
    ):
        text = f"Hallo, bitte rufen Sie an.\n\n{head}\nwir sind nicht einverstanden\n> bezahlt"
        assert read_answer(text, TUESDAY).claim is Claim.NOTHING
    assert own_words("Ja.\n> bezahlt\nNein.\n-- \nbezahlt GmbH") == "Ja.\nNein."


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("am 05.12.", "2026-12-05"),
        ("bis zum 5.1.27", "2027-01-05"),
        ("am 3.1.", "2027-01-03"),
        ("by 2026-12-01", "2026-12-01"),
        ("am 5. Dezember", "2026-12-05"),
        ("on December 5th", "2026-12-05"),
        ("morgen", "2026-11-25"),
        ("diese Woche", "2026-11-27"),
        ("nächste Woche", "2026-12-04"),
        ("zum Monatsende", "2026-11-30"),
        ("am 31.02.", None),
        ("Rechnung 24.11.2019", None),
        ("irgendwann", None),
    ],
)
def test_days(text: str, day: str | None) -> None:
    """A day is found as people write it; one that has passed or cannot be is none."""
    found = day_in(text, TUESDAY)
    assert (found.isoformat() if found else None) == day


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1.234,50 €", "1234.50"), ("EUR 99", "99.00"), ("100 Euro", "100.00"), ("1,234.50 EUR", "1234.50")],
)
def test_amounts(text: str, amount: str) -> None:
    """An amount is read in German and English writing."""
    assert amount_in(f"zahle {text} morgen") == Decimal(amount)


@settings(max_examples=40)
@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    """No text makes reading fail, and a promise never lies in the past."""
    answer = read_answer(text, TUESDAY)
    assert answer.day is None or answer.day >= TUESDAY
