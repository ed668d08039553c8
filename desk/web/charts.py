"""Charts as SVG, drawn here: bars with their values in words, readable in print, in the dark and by screen readers.

Colours and type come from the style sheet (`.chart`), so a chart follows the page; the same figures stand in a table
beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

WIDTH = 420
LABEL, VALUE = 124, 104
LINE, BAR = 34, 20
COLUMNS_WIDTH = 960
COLUMN_HEIGHT, HEAD, FOOT = 180, 26, 44
NARROWEST = Decimal("1.5")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its size, the size in words, the kind that the style sheet colours, a second line of name."""

    name: str
    size: Decimal
    text: str
    kind: str = ""
    below: str = ""


def bars(title: str, description: str, rows: Sequence[Bar]) -> Markup:
    """Lying bars, one below the other, each with name and value."""
    largest = max((row.size for row in rows), default=Decimal(0))
    room = WIDTH - LABEL - VALUE
    drawn = [_lying(place, row, _share(row.size, largest, room)) for place, row in enumerate(rows)]
    return _chart(title, description, WIDTH, len(rows) * LINE, drawn)


def columns(title: str, description: str, rows: Sequence[Bar]) -> Markup:
    """Standing bars side by side, for months; what is below zero hangs from the line."""
    largest = max((abs(row.size) for row in rows), default=Decimal(0))
    lowest = min((row.size for row in rows), default=Decimal(0))
    depth = _share(-lowest, largest, COLUMN_HEIGHT) if lowest < 0 else Decimal(0)
    step = Decimal(COLUMNS_WIDTH) / max(1, len(rows))
    base = HEAD + COLUMN_HEIGHT
    drawn = [
        _standing(step * place, step, base, row, _share(abs(row.size), largest, COLUMN_HEIGHT))
        for place, row in enumerate(rows)
    ]
    axis = Markup('<line class="axis" x1="0" y1="{0}" x2="{1}" y2="{0}"/>').format(base, COLUMNS_WIDTH)
    return _chart(title, description, COLUMNS_WIDTH, base + int(depth) + FOOT, [*drawn, axis])


def _chart(title: str, description: str, width: int, height: int, drawn: Sequence[Markup]) -> Markup:
    # The words of the bars are read from the table beside the chart; a screen reader hears title and description here.
    head = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>')
    return head.format(width, height, title, description) + Markup("").join(drawn) + Markup("</svg>")


def _lying(place: int, row: Bar, length: Decimal) -> Markup:
    top = place * LINE
    middle = top + LINE // 2
    return Markup(
        '<text class="name" x="0" y="{middle}">{name}</text>'
        '<rect class="bar" data-kind="{kind}" x="{left}" y="{top}" width="{length}" height="{bar}" rx="3"/>'
        '<text class="value" x="{end}" y="{middle}">{text}</text>'
    ).format(
        middle=middle,
        name=row.name,
        kind=row.kind,
        left=LABEL,
        top=top + (LINE - BAR) // 2,
        length=_number(length),
        bar=BAR,
        end=_number(LABEL + length + 8),
        text=row.text,
    )


def _standing(left: Decimal, step: Decimal, base: int, row: Bar, height: Decimal) -> Markup:
    middle = _number(left + step / 2)
    top = Decimal(base) if row.size < 0 else base - height
    hanging = height if row.size < 0 else Decimal(0)
    return Markup(
        '<rect class="bar" data-kind="{kind}" x="{left}" y="{top}" width="{width}" height="{height}" rx="2"/>'
        '<text class="value" x="{middle}" y="{above}" dy="-.6em">{text}</text>'
        '<text class="name" x="{middle}" y="{foot}" dy="1em">{name}'
        '<tspan x="{middle}" dy="1.2em">{below}</tspan></text>'
    ).format(
        kind=row.kind,
        left=_number(left + step * Decimal("0.15")),
        top=_number(top),
        width=_number(step * Decimal("0.7")),
        height=_number(height),
        middle=middle,
        above=_number(base - height if row.size >= 0 else Decimal(base)),
        text=row.text,
        foot=_number(base + hanging),
        name=row.name,
        below=row.below,
    )


def _share(size: Decimal, largest: Decimal, room: int) -> Decimal:
    """How long a bar is; what is not nothing shows, however small."""
    if largest <= 0 or size <= 0:
        return Decimal(0)
    return max(NARROWEST, size / largest * room)


def _number(value: Decimal) -> str:
    return f"{value:.1f}"
