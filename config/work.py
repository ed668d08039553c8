"""Which lines are labour and what is work on buildings: sources do not say it, so the client's file does."""

from typing import Annotated

from pydantic import Field

from billing.jobs import Site
from billing.work_marks import Marks
from config.fields import Required
from config.section import MayBeEmpty, Section

Words = Annotated[tuple[Required, ...], Field(max_length=100)]


class LabourSection(Section):
    """By which lines labour, machine and travel cost are known (§ 35a EStG)."""

    units: Words = Field((), description="Einheiten, die Arbeit bedeuten", examples=["[Std, Stunde]"])
    words: Words = Field((), description="Anfänge von Wörtern in der Bezeichnung", examples=["[Lohn, Anfahrt]"])


class WorkSection(Section):
    """What the lines of a job mean by law."""

    site: Site = Field(
        Site.ELSEWHERE,
        description="Was in der Regel getan wird: elsewhere, property (Grundstück, Gebäude), construction (Bau)",
        examples=["construction"],
    )
    property: Words = Field((), description="Wörter, die Arbeit an einem Grundstück bedeuten", examples=["[Garten]"])
    construction: Words = Field((), description="Wörter, die eine Bauleistung bedeuten", examples=["[Montage]"])
    labour: Annotated[LabourSection, MayBeEmpty] = Field(
        default_factory=LabourSection, description="Woran Arbeitskosten zu erkennen sind (§ 35a EStG)"
    )


def marks_of(section: WorkSection) -> Marks:
    """The marks as the rules know them."""
    return Marks(
        site=section.site,
        property_words=section.property,
        construction_words=section.construction,
        labour_units=section.labour.units,
        labour_words=section.labour.words,
    )
