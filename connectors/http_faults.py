"""What a bad answer, or none, means: pure translations from HTTP to our errors.

A read may be repeated, so its faults are `Unavailable`. For a write the phase decides: before the first byte of the
request nothing was done (`Unavailable`); after it, everything but a clear answer is `OutcomeUnknown`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from connectors import strict_json
from connectors.errors import (
    Conflict,
    ConnectorError,
    NotAuthorised,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
    UnexpectedAnswer,
)

LONGEST_RETRY_AFTER = 3600.0
EVIDENCE_LENGTH = 300

# No byte of the request has left when one of these is raised.
NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

_REJECTED = (Rejected, "{system} lehnt ab: {complaint}. Bitte den Beleg berichtigen.")
_CLEAR: dict[int, tuple[type[ConnectorError], str]] = {
    400: _REJECTED,
    401: (NotAuthorised, "{system} nimmt den Schlüssel nicht an. Bitte einen gültigen API-Schlüssel eintragen."),
    402: (NotAuthorised, "Der Vertrag bei {system} umfasst diese Schnittstelle nicht. Bitte den Tarif prüfen."),
    403: (NotAuthorised, "Dem Schlüssel für {system} fehlt ein Recht. Bitte einen neuen mit allen Rechten erzeugen."),
    404: (NotFound, "{system} kennt diesen Beleg nicht. Bitte prüfen, ob er gelöscht wurde."),
    406: _REJECTED,
    409: (Conflict, "{system} meldet einen anderen Stand: {complaint}. Bitte den Beleg dort prüfen."),
    410: (NotFound, "{system} kennt diesen Beleg nicht mehr. Bitte prüfen, ob er gelöscht wurde."),
    415: _REJECTED,
    422: _REJECTED,
}


def says_message(answer: Any) -> str:
    """The complaint in an error answer of the common form {"message": "..."}."""
    message = answer.get("message") if isinstance(answer, Mapping) else None
    return message if isinstance(message, str) else ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to `system` for which a fault must be named; `secrets` are masked in every error."""

    system: str
    method: str
    path: str
    secrets: tuple[str, ...]
    complaint_in: Callable[[Any], str]

    @property
    def is_read(self) -> bool:
        """Whether nothing is changed by the request, so that repeating it is harmless."""
        return self.method in ("GET", "REPORT")

    def refused(self, status: int, headers: httpx.Headers, body: bytes) -> ConnectorError:
        """The error for an answer with a status of 300 or more."""
        complaint = self._complaint(body)
        evidence = self._evidence(f"{status} {complaint}")
        if status == 429:
            message = f"{self.system} bremst, es waren zu viele Anfragen. Es geht später von selbst weiter."
            return RateLimited(message, evidence, retry_after(headers))
        if status in _CLEAR:
            kind, message = _CLEAR[status]
            return kind(message.format(system=self.system, complaint=complaint or "ohne Begründung"), evidence)
        if 400 <= status < 500 and status != 408:
            return Rejected(f"{self.system} lehnt die Anfrage ab: {complaint or status}.", evidence)
        if not self.is_read:
            return self._unknown(evidence)
        if status < 400:
            message = f"{self.system} leitet die Anfrage um. Bitte die Adresse in der Konfiguration prüfen."
            return UnexpectedAnswer(message, evidence)
        message = f"{self.system} ist gestört ({status}). Es wird später erneut versucht."
        return Unavailable(message, evidence, retry_after(headers))

    def no_connection(self, fault: Exception) -> Unavailable:
        """The error when no byte of the request has left."""
        evidence = self._evidence(_named(fault))
        if "CERTIFICATE_VERIFY_FAILED" in evidence:
            message = f"Das Zertifikat von {self.system} wird nicht anerkannt. Bitte Adresse und CA-Datei prüfen."
        else:
            message = f"{self.system} ist nicht erreichbar. Es wird später erneut versucht."
        return Unavailable(message, evidence)

    def broken_off(self, fault: Exception) -> ConnectorError:
        """The error when the connection failed at some point after that."""
        evidence = self._evidence(_named(fault))
        if not self.is_read:
            return self._unknown(evidence)
        return Unavailable(f"{self.system} hat nicht zu Ende geantwortet. Es wird später erneut versucht.", evidence)

    def unreadable(self, why: str) -> ConnectorError:
        """The error for an answer that says yes in a form nobody documents."""
        evidence = self._evidence(why)
        if not self.is_read:
            return self._unknown(evidence)
        message = f"Die Antwort von {self.system} ist nicht lesbar. Bitte die Adresse prüfen oder dort nachfragen."
        return UnexpectedAnswer(message, evidence)

    def _unknown(self, evidence: str) -> OutcomeUnknown:
        message = (
            f"{self.system} hat nicht klar geantwortet: Der Vorgang kann ausgeführt sein oder nicht."
            " Er wird dort gesucht, bevor etwas wiederholt wird."
        )
        return OutcomeUnknown(message, evidence)

    def _complaint(self, body: bytes) -> str:
        try:
            complaint = self.complaint_in(strict_json.loads(body))
        except ValueError:
            return ""
        return self._masked(complaint).rstrip(". ")

    def _evidence(self, text: str) -> str:
        return self._masked(f"{self.method} {self.path}: {text}".strip())

    def _masked(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text[:EVIDENCE_LENGTH]


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds from a Retry-After header, number or date, between 0 and an hour; None where absent or absurd."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return min(max((moment - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def _named(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"
