"""Where a client's own programs are told what becomes of invoices."""

from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from config.secrets import SecretUnavailable, reference_of
from config.section import Section
from config.wording import Expected, wrong

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Happening(StrEnum):
    """What can be told of an invoice; on the wire it is called `invoice.<name>`."""

    ISSUED = "issued"
    SENT = "sent"
    FAILED = "failed"
    PAID = "paid"
    OVERDUE = "overdue"
    REMINDED = "reminded"
    CANCELLED = "cancelled"
    CASE = "case"
    """Something does not go on by itself. It names the customer, so it is told only where it is asked for."""


def _public_or_this_machine(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        return url
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.fragment or _is_private(parts.hostname):
        raise wrong(
            "Erwartet wird eine öffentliche Adresse mit https, oder http zu dieser Maschine (127.0.0.1).",
            "zum Beispiel  https://erp.beispiel.de/rechnungsbote",
        )
    return url


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host in LOOPBACK


def _reference(value: object) -> object:
    try:
        reference_of(value)
    except SecretUnavailable as error:
        raise wrong(error.message, error.cure) from None
    return value


HookUrl = Annotated[
    str, Field(max_length=500), AfterValidator(_public_or_this_machine), Expected("eine Adresse mit https")
]
SecretReference = Annotated[dict[str, str], BeforeValidator(_reference), Expected("ein Verweis wie {file: NAME}")]


class Webhook(Section):
    """One address that is told, and of what."""

    url: HookUrl = Field(description="Adresse, an die Meldungen gehen", examples=["https://erp.beispiel.de/meldungen"])
    secret: SecretReference = Field(description="Schlüssel der Unterschrift (whsec_…)", examples=["{file: webhook}"])
    events: tuple[Happening, ...] = Field(
        tuple(each for each in Happening if each is not Happening.CASE),
        min_length=1,
        description="Was gemeldet wird",
        examples=["[issued, sent, paid, overdue]"],
    )
