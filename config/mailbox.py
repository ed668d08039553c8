"""Where answers and bounces arrive, and what is tried when an invoice does not reach its customer."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from config.fields import MailAddress, Required, SystemName, Text
from config.section import MayBeEmpty, Section
from config.wording import Expected


class Fallback(StrEnum):
    """Another way to a customer whose address does not exist (any more)."""

    DIRECTORY = "directory"
    """The address that the source of the jobs keeps for him now."""
    OTHER_CONTACT = "other-contact"
    LETTER = "letter"


Ways = Annotated[tuple[Fallback, ...], Expected("eine Liste aus directory, other-contact und letter")]


class MailboxSection(Section):
    """The mailbox that is read: a connection, or a folder of .eml files."""

    system: SystemName | None = Field(
        None, description="Verbindung (module: imap), die gelesen wird", examples=["post"]
    )
    folder: Text | None = Field(
        None, description="Ordner mit .eml-Dateien statt einer Verbindung, neben dieser Datei", examples=["post/sommer"]
    )
    on_bounce: Ways = Field(
        (Fallback.DIRECTORY, Fallback.OTHER_CONTACT, Fallback.LETTER),
        description="Was bei unzustellbarer Rechnung versucht wird, der Reihe nach; danach eine Aufgabe",
        examples=["[directory, other-contact, letter]"],
    )
    other_contacts: Annotated[dict[str, MailAddress], MayBeEmpty] = Field(
        default_factory=dict, description="Zweite Mailadresse je Kundennummer", examples=['{"10307": chefin@kunde.de}']
    )
    task_owner: Required | None = Field(
        None, description="Wer sich kümmert; leer: dunning.task_owner", examples=["Büro"]
    )
