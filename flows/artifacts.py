"""What a run leaves on its page in Prefect: what it did and what needs a hand, and where its client stands."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from urllib.parse import quote

from billing.money import in_german
from billing.payments import Standing
from flows.markdown import link, plain, table
from flows.report import WANTS_A_LOOK, Entry, Report, Result
from ledger.receivables import Receivable

MOST_ROWS = 200
CURES = {
    Result.WAITING: "Wird von selbst wiederholt; sofort: diesen Lauf mit „Retry“ wiederholen.",
    Result.HELD: "Ursache beheben; der nächste Lauf prüft von selbst.",
    Result.REFUSED: "Ursache beheben, dann  rechnungsbote retry NUMMER --reason …",
    Result.UNKNOWN: "Nachsehen, dann  rechnungsbote arrived  oder  resend NUMMER --reason …",
    Result.BROKEN: "Programmfehler: bitte melden.",
}
LATE = (Standing.OVERDUE, Standing.IN_DEFAULT)
_URGENT = {result: place for place, result in enumerate(reversed(Result))}


def report_page(report: Report, desk_url: str | None) -> str:
    """What a run did, the worst first, each case with its reason, its cure and the way to it."""
    entries = [entry for entry in report.entries if entry.result is not Result.NOTHING]
    entries.sort(key=lambda entry: _URGENT[entry.result])
    shown = entries[:MOST_ROWS]
    # A list breaks its lines, Prefect's tables do not: reasons and cures would run out of the page.
    cases = [_case(entry, desk_url) for entry in shown if entry.result is not Result.DONE]
    done = [(_way(entry, desk_url), plain(entry.text)) for entry in shown if entry.result is Result.DONE]
    parts = [f"## {plain(report)}", "\n".join(cases), table(("Erledigt", ""), done)]
    if more := len(entries) - len(shown):
        parts.append(f"… und {more} weitere.")
    return "\n\n".join(part for part in parts if part)


def receivables_page(client: str, items: Sequence[Receivable], today: date, desk_url: str | None) -> str:
    """What a client is owed: sums by standing, then everything overdue, oldest first."""
    by_standing = [(word, [item for item in items if item.standing is word]) for word in Standing]
    totals = [
        (plain(word), str(len(some)), in_german(sum((item.open_amount for item in some), Decimal(0))))
        for word, some in by_standing
        if some
    ]
    overdue = sorted((item for item in items if item.standing in LATE), key=lambda item: item.due_date)
    rows = [
        (
            link(item.number, _address(desk_url, item.number)),
            plain(item.customer),
            f"{item.due_date:%d.%m.%Y}",
            f"{(today - item.due_date).days}",
            in_german(item.open_amount),
            str(item.notices),
        )
        for item in overdue[:MOST_ROWS]
    ]
    columns = ("Rechnung", "Kunde", "fällig", "Tage", "offen", "Erinnerungen")
    head = f"## Forderungen von {plain(client)} am {today:%d.%m.%Y}"
    parts = [head, table(("Stand", "Zahl", "offen"), totals), table(columns, rows)]
    return "\n\n".join(part for part in parts if part)


def checks_page(client: str, checks: Sequence[tuple[date, int]]) -> str:
    """On which day how many invoices are looked at next."""
    rows = [(f"{day:%d.%m.%Y}", str(number)) for day, number in checks[:MOST_ROWS]]
    return f"## Nächste Zahlungsprüfungen von {plain(client)}\n\n{table(('Tag', 'Rechnungen'), rows)}"


def _case(entry: Entry, desk_url: str | None) -> str:
    result = f"**{entry.result}**" if entry.result in WANTS_A_LOOK else str(entry.result)
    cure = f" *Abhilfe: {plain(CURES[entry.result])}*" if entry.result in CURES else ""
    return f"- {result}: {_way(entry, desk_url)}. {plain(entry.text)}{cure}"


def _way(entry: Entry, desk_url: str | None) -> str:
    """The subject, as a link to the desk where it names an invoice."""
    return link(entry.subject, _address(desk_url, next(_numbers(entry.subject), "")))


def _numbers(subject: str) -> Iterator[str]:
    """The invoice number that a subject names after the word for it."""
    _, found, rest = subject.partition("Rechnung ")
    if found and rest:
        yield rest.split()[0].rstrip(",:;")


def _address(desk_url: str | None, number: str) -> str | None:
    return f"{desk_url.rstrip('/')}/?q={quote(number)}" if desk_url and number else None
