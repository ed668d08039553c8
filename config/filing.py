"""Where copies of everything sent are put under readable names, for the tax adviser or the office."""

from pydantic import Field

from config.fields import Day, SystemName, Text
from config.section import Section


class FilingSection(Section):
    """A folder or a connection that receives each document once it was sent."""

    system: SystemName | None = Field(
        None, description="Verbindung (module: webdav), in die abgelegt wird", examples=["wolke"]
    )
    folder: Text | None = Field(
        None, description="Ordner statt einer Verbindung, neben dieser Datei", examples=["ablage/sommer"]
    )
    since: Day | None = Field(
        None, description="Erst Rechnungen ab diesem Datum ablegen, leer = alle", examples=["2026-11-01"]
    )
    reminders: bool = Field(True, description="true: auch Erinnerungen und Mahnungen ablegen", examples=["true"])
