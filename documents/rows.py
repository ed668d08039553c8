"""The table of an invoice as text: its lines, what stays together on a page, and the sums of its sections."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from billing.invoices import Draft, Kind
from billing.jobs import Line
from billing.vat import line_amount
from documents.german import one_line
from documents.languages import Language
from documents.letter import paragraphs


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; a text line has neither `position` nor `amount`. `description` is split at line feeds.

    `change` holds the line's discount and surcharge in percent; `section_total` is the sum of the section of a
    collective invoice that ends with this line.
    """

    position: str
    name: str
    description: tuple[str, ...]
    quantity: str
    unit: str
    unit_price: str
    change: str
    vat_rate: str
    amount: str
    is_text: bool
    section_total: str = ""


def rows_of(draft: Draft, language: Language) -> tuple[Row, ...]:
    """The lines as text, numbered without the text lines."""
    totals = _section_totals(draft) if draft.kind is Kind.COLLECTIVE else {}
    is_signed = any(line.surcharge_percent for line in draft.lines)
    rows, position = [], 0
    for at, line in enumerate(draft.lines):
        if line.is_text:
            rows.append(_text_row(line))
            continue
        position += 1
        total = language.amount(totals[at], draft.currency) if at in totals else ""
        rows.append(_row(line, str(position), draft.currency, language, total, is_signed))
    return tuple(rows)


def groups_of(rows: tuple[Row, ...]) -> tuple[tuple[Row, ...], ...]:
    """The rows in groups that stay on one page: headings with the line below, closing texts with the last line."""
    groups: list[tuple[Row, ...]] = []
    waiting: tuple[Row, ...] = ()
    for row in rows:
        waiting = (*waiting, row)
        if not row.is_text:
            groups.append(waiting)
            waiting = ()
    return (*groups[:-1], (*groups[-1], *waiting)) if groups else (waiting,)


def _section_totals(draft: Draft) -> dict[int, Decimal]:
    """By the place of its last priced line: the sum of every section that a heading opens."""
    totals: dict[int, Decimal] = {}
    section: list[tuple[int, Decimal]] = []
    is_headed = False
    for at, line in enumerate(draft.lines):
        if line.is_text and section:
            totals.update(_ended(section, is_headed))
            section = []
        if line.is_text:
            is_headed = True
        else:
            section.append((at, line_amount(line)))
    totals.update(_ended(section, is_headed))
    return totals


def _ended(section: list[tuple[int, Decimal]], is_headed: bool) -> Iterator[tuple[int, Decimal]]:
    if section and is_headed:
        yield section[-1][0], sum((amount for _, amount in section), Decimal(0))


def _row(line: Line, position: str, currency: str, language: Language, section_total: str, is_signed: bool) -> Row:
    reason = (one_line(line.surcharge_reason),) if line.surcharge_reason else ()
    return Row(
        position=position,
        name=one_line(line.name),
        description=(*paragraphs(line.description), *reason),
        quantity=language.quantity(line.quantity),
        unit=one_line(line.unit),
        unit_price=language.price(line.unit_price, currency),
        change=_change(line, language, is_signed),
        vat_rate=language.percent(line.vat_rate),
        amount=language.amount(line_amount(line), currency),
        is_text=False,
        section_total=section_total,
    )


def _change(line: Line, language: Language, is_signed: bool) -> str:
    """The line's discount and surcharge; with signs as soon as the document has both or surcharges."""
    discount, surcharge = line.discount_percent, line.surcharge_percent
    off = language.percent(-discount if is_signed else discount) if discount else ""
    on = f"+{language.percent(surcharge)}" if surcharge else ""
    return " ".join(part for part in (off, on) if part)


def _text_row(line: Line) -> Row:
    return Row("", one_line(line.name), paragraphs(line.description), "", "", "", "", "", "", is_text=True)
