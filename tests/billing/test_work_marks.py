"""Labour and building sites, told by a client's words."""

from dataclasses import replace
from decimal import Decimal

import pytest

from billing.jobs import Line, Site
from billing.work_marks import Marks, marked
from tests.billing.samples import JOB

MARKS = Marks(
    property_words=("Garten",),
    construction_words=("Fassade", "Neue Fenster"),
    labour_units=("Std.", "Stunde"),
    labour_words=("Lohn", "An- und Abfahrt"),
)


def line(name: str, unit: str = "Stück", **more: object) -> Line:
    """A line of that name."""
    return Line(name, Decimal(1), unit, Decimal(50), Decimal(19), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "is_labour"),
    [
        (line("Beratung", "STUNDE"), True),
        (line("Beratung", "Std"), True),
        (line("Lohnkosten"), True),
        (line("lohn Geselle"), True),
        (line("An- und Abfahrt pauschal"), True),
        (line("Farbe"), False),
        (line("Finderlohn"), False),
        (line("Farbe", "Stundensatz"), False),
        (line("Lohn", is_text=True), False),
        (line("Farbe", is_labour=True), True),
    ],
)
def test_labour_is_known_by_unit_or_word(found: Line, is_labour: bool) -> None:
    """Whole units and beginnings of words count; text lines never do; what the source says stays."""
    (after,) = marked(replace(JOB, lines=(found,)), MARKS).lines
    assert after.is_labour is is_labour


@pytest.mark.parametrize(
    ("name", "site"),
    [
        ("Farbe", Site.ELSEWHERE),
        ("Gartenpflege", Site.PROPERTY),
        ("Fassadenanstrich", Site.CONSTRUCTION),
        ("Garten und neue Fenster", Site.CONSTRUCTION),
    ],
)
def test_the_site_is_known_by_words(name: str, site: Site) -> None:
    """The most demanding word decides, in a line or in the title."""
    assert marked(replace(JOB, lines=(line(name),)), MARKS).site is site
    assert marked(replace(JOB, title=name, lines=(line("Material"),)), MARKS).site is site


def test_the_usual_site_holds_without_words() -> None:
    """A painter's work is construction unless the source says otherwise."""
    usual = replace(MARKS, site=Site.CONSTRUCTION)
    assert marked(replace(JOB, lines=(line("Farbe"),)), usual).site is Site.CONSTRUCTION
    assert marked(replace(JOB, lines=(line("Farbe"),), site=Site.PROPERTY), usual).site is Site.PROPERTY


def test_no_marks_change_nothing() -> None:
    """Without words a job stays as the source gave it."""
    assert marked(JOB, Marks()) == JOB
