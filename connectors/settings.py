"""Kinds of settings that several connectors have: addresses, keys, time-outs, patience."""

import ssl
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, SecretStr

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _encrypted_or_local(url: str) -> str:
    parts = urlsplit(url)
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
        return url
    raise ValueError("Die Adresse muss mit https:// beginnen.")


def _fits_a_header(key: SecretStr) -> SecretStr:
    text = key.get_secret_value()
    if text and all("!" <= letter <= "~" for letter in text):
        return key
    raise ValueError("Der Schlüssel ist leer oder enthält Leerzeichen oder Sonderzeichen.")


def _certificates(path: Path) -> Path:
    try:
        ssl.create_default_context(cafile=path)
    except OSError:
        raise ValueError("Die Datei ist nicht lesbar oder enthält kein Zertifikat (PEM).") from None
    return path


def _can_be_sent(password: SecretStr) -> SecretStr:
    if not password.get_secret_value().isascii():
        raise ValueError("Das Kennwort enthält Zeichen, die Server nicht verstehen (Umlaute).")
    return password


def check_encrypted(security: str, host: str) -> None:
    """Raise `ValueError` for plain text to anywhere but this machine."""
    if security == "none" and host not in LOOPBACK:
        raise ValueError("security: none ist nur für einen Server auf demselben Rechner erlaubt.")


BaseUrl = Annotated[str, AfterValidator(_encrypted_or_local)]
"""https, or http to this machine: a key never travels in plain text."""

HeaderKey = Annotated[SecretStr, AfterValidator(_fits_a_header)]
"""A secret that can stand in an HTTP header."""

Password = Annotated[SecretStr, AfterValidator(_can_be_sent)]
"""A password as SMTP, IMAP and HTTP's Basic scheme can carry it everywhere."""

CaFile = Annotated[Path, AfterValidator(_certificates)]
"""A file with the certificate authority to trust instead of the system's."""


class Timeouts(BaseModel, frozen=True, extra="forbid"):
    """Seconds a request may take in each phase; `total` limits the whole answer, however slowly it trickles."""

    connect: float = Field(10, gt=0, description="Sekunden bis zur Verbindung")
    read: float = Field(40, gt=0, description="Sekunden ohne ein Zeichen der Antwort")
    write: float = Field(30, gt=0, description="Sekunden ohne Fortschritt beim Senden")
    pool: float = Field(10, gt=0, description="Sekunden bis zu einer freien Verbindung")
    total: float = Field(120, gt=0, description="Sekunden für die ganze Antwort")


class Patience(BaseModel, frozen=True, extra="forbid"):
    """How often and how long one call is repeated here before it is left to a later run."""

    tries: int = Field(4, ge=1, description="Versuche je Anfrage")
    longest_wait: float = Field(20, gt=0, description="Längste Pause zwischen zwei Versuchen in Sekunden")
    budget: float = Field(60, ge=0, description="Sekunden, die alle Versuche einer Anfrage zusammen dauern dürfen")
