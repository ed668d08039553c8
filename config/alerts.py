"""Who is told when something does not go on by itself."""

from typing import Annotated

from pydantic import Field

from config.fields import MailAddress, SystemName
from config.section import MayBeEmpty, Section


class AlertsSection(Section):
    """Addresses for failures and for tasks; programs are told by `webhooks` with the event `case`."""

    mail: MailAddress | None = Field(
        None, description="Adresse des Betreibers für Störungen, leer = keine", examples=["betrieb@agentur.de"]
    )
    system: SystemName | None = Field(None, description="Verbindung dafür; leer: die der Rechnungen", examples=["mail"])
    daily: bool = Field(True, description="true: jeden Tag eine Übersicht, solange etwas offen ist", examples=["true"])
    task_owners: Annotated[dict[str, MailAddress], MayBeEmpty] = Field(
        default_factory=dict, description="Mailadresse je Aufgabenträger", examples=["{Büro: buero@beispiel.de}"]
    )

    @property
    def is_wanted(self) -> bool:
        """Whether anybody is told by mail."""
        return bool(self.mail or self.task_owners)
