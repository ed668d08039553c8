"""What Prefect shows of a run: the worst first, with reason, cure and way; foreign text stays text."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.payments import Standing
from flows.artifacts import MOST_ROWS, checks_page, receivables_page, report_page
from flows.markdown import plain, table
from flows.report import Entry, Report, Result
from ledger.receivables import Receivable

TODAY = date(2026, 11, 20)
DESK = "https://rechnungen.example/"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Müller | Söhne", "Müller &#124; Söhne"),
        ("eins\nzwei", "eins zwei"),
        ("[Klick](http://boese.example)", "&#91;Klick&#93;(http://boese.example)"),
        ("<script>", "&#60;script&#62;"),
    ],
)
def test_foreign_text_stays_text(text: str, shown: str) -> None:
    """A customer's name can neither break a table nor become a link or a tag."""
    assert plain(text) == shown


def test_an_empty_table_is_nothing() -> None:
    """Without rows there is no head either."""
    assert table(("Was",), []) == ""


def test_the_worst_comes_first_with_its_cure() -> None:
    """What needs a person stands above what is done, names the command, and leads to the invoice on the desk."""
    report = Report(
        "sommer",
        "Rechnungen versenden",
        (
            Entry(Result.DONE, "Mail zu Rechnung RE1"),
            Entry(Result.REFUSED, "Mail zu Rechnung RE2", "Empfänger unbekannt."),
            Entry(Result.NOTHING, "Rechnung RE3"),
        ),
    )
    page = report_page(report, DESK)
    assert page.index("RE2") < page.index("RE1")
    assert f"[Mail zu Rechnung RE2]({DESK}?q=RE2)" in page
    assert "rechnungsbote retry" in page
    assert "RE3" not in page
    assert "](" not in report_page(report, None)


def test_a_long_run_is_cut() -> None:
    """A page shows its most important rows and says how many there are besides."""
    entries = tuple(Entry(Result.DONE, f"Rechnung RE{number}") for number in range(MOST_ROWS + 7))
    page = report_page(Report("sommer", "Rechnungen versenden", entries), None)
    assert page.count("| Rechnung RE") == MOST_ROWS
    assert "… und 7 weitere." in page


def test_receivables_are_summed_and_the_oldest_overdue_leads() -> None:
    """Sums by standing are exact, and overdue invoices stand with their days."""
    items = [_item("RE1", Standing.OVERDUE, 3, "100.10"), _item("RE2", Standing.OVERDUE, 9, "0.20")]
    page = receivables_page("sommer", [*items, _item("RE3", Standing.OPEN, -5, "50.00")], TODAY, None)
    assert "| überfällig | 2 | 100,30 |" in page.replace(" EUR", "").replace(" €", "")
    assert page.index("RE2") < page.index("RE1")
    assert "RE3" not in page


def test_the_days_of_the_next_checks() -> None:
    """Each day stands with how many invoices are looked at."""
    assert "| 25.11.2026 | 3 |" in checks_page("sommer", [(date(2026, 11, 25), 3)])


def _item(number: str, standing: Standing, days: int, amount: str) -> Receivable:
    due = TODAY - timedelta(days=days)
    return Receivable(
        client="sommer",
        number=number,
        customer="Bäckerei Özdemir GmbH",
        issue_date=due,
        due_date=due,
        gross=Decimal(amount),
        open_amount=Decimal(amount),
        standing=standing,
        since=None,
        fact="",
        stage="sent",
        notices=0,
        tasks=0,
        expires_on=None,
    )
