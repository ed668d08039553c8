"""A board outside on which tasks are shown too, where people work already."""

from pydantic import Field

from config.fields import Required, SystemName
from config.section import Section


class TaskBoardSection(Section):
    """Which connection shows tasks, and whose."""

    system: SystemName = Field(description="Verbindung (module: caldav), die Aufgaben zeigt", examples=["aufgaben"])
    owners: tuple[Required, ...] = Field(
        (), description="Nur Aufgaben dieser Träger zeigen, leer = alle", examples=["[Büro]"]
    )
