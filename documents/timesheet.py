"""The timesheet (Leistungsnachweis, BG-24) behind a collective invoice, as text."""

from dataclasses import dataclass
from decimal import Decimal

from billing.invoices import Draft
from billing.jobs import TimesheetRow
from documents.german import one_line
from documents.languages import Language
from documents.letter import paragraphs


@dataclass(frozen=True, slots=True)
class SheetRow:
    """What somebody did on a day; `texts` is split at line feeds."""

    day: str
    person: str
    ticket: str
    texts: tuple[str, ...]
    quantity: str
    unit: str


@dataclass(frozen=True, slots=True)
class Timesheet:
    """All rows, and the sum of the hours in `unit`; empty columns are left out."""

    rows: tuple[SheetRow, ...]
    total: str
    unit: str
    has_persons: bool
    has_tickets: bool

    @property
    def label_span(self) -> int:
        """Over how many columns the label of the sum reaches."""
        return 2 + self.has_persons + self.has_tickets


def timesheet_of(draft: Draft, language: Language) -> Timesheet | None:
    """The timesheet as the template sees it; None where there is none."""
    if not draft.timesheet:
        return None
    worked = [row for row in draft.timesheet if row.is_time]
    hours = sum((row.quantity for row in worked), Decimal(0))
    return Timesheet(
        rows=tuple(_row(row, language) for row in draft.timesheet),
        total=language.quantity(hours) if hours else "",
        unit=one_line(worked[0].unit) if worked else "",
        has_persons=any(row.person for row in draft.timesheet),
        has_tickets=any(row.ticket for row in draft.timesheet),
    )


def _row(row: TimesheetRow, language: Language) -> SheetRow:
    return SheetRow(
        language.day(row.day),
        one_line(row.person),
        one_line(row.ticket),
        paragraphs(row.text),
        language.quantity(row.quantity),
        one_line(row.unit),
    )
