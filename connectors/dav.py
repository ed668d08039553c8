"""What WebDAV (RFC 4918) and CalDAV (RFC 4791) have in common: the way in, and writes that may be repeated."""

import base64
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, Field, field_validator

from connectors.account import open_account
from connectors.errors import NotAuthorised, OutcomeUnknown, Unavailable
from connectors.http import HttpClient, Request
from connectors.settings import BaseUrl, CaFile, Password, Patience, Timeouts


class DavSettings(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """What a client must say to use his cloud."""

    url: BaseUrl = Field(description="Adresse, wie die Wolke sie unter Einstellungen nennt")
    username: str = Field(min_length=1, description="Benutzername")
    password: Password = Field(description="App-Kennwort, nicht das der Anmeldung")
    ca_file: CaFile | None = Field(None, description="Datei mit der Zertifizierungsstelle, wenn nicht die des Systems")
    rate: float = Field(5, gt=0, description="Anfragen je Sekunde")
    burst: float = Field(10, ge=1, description="Anfragen, die ohne Pause hintereinander gehen dürfen")
    timeouts: Timeouts = Field(default_factory=Timeouts, description="Fristen einer Anfrage in Sekunden")
    patience: Patience = Field(default_factory=Patience, description="Wiederholungen einer Anfrage")

    @field_validator("username")
    @classmethod
    def _fits_basic_auth(cls, username: str) -> str:
        if ":" in username:
            raise ValueError("Der Benutzername darf keinen Doppelpunkt enthalten.")
        return username


class Dav:
    """One collection over there; every path is below its address."""

    def __init__(self, http: HttpClient, url: str) -> None:
        self._http = http
        self._root = urlsplit(url).path.rstrip("/")

    def __repr__(self) -> str:
        return f"Dav({self._http!r}, {self._root})"

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def ask(self, request: Request) -> bytes:
        """The answer, to a write as well: what these protocols write may be written again, so no outcome is unknown."""
        try:
            return self._http.ask(request)
        except NotAuthorised as error:
            message = f"{self._http.system} nimmt die Anmeldung nicht an. Bitte Benutzername und App-Kennwort prüfen."
            raise NotAuthorised(message, error.evidence) from error
        except OutcomeUnknown as error:
            message = f"{self._http.system} hat nicht klar geantwortet. Es wird später erneut versucht."
            raise Unavailable(message, error.evidence) from error

    def path(self, below: str) -> str:
        """The path of something in the collection; `below` is quoted already."""
        return f"{self._root}/{below}"


def open_dav(
    system: str,
    settings: DavSettings,
    transport: httpx.BaseTransport | None,
    sleep: Callable[[float], None] = time.sleep,
) -> Dav:
    """The collection of `settings`; nothing is asked yet."""
    password = settings.password.get_secret_value()
    token = base64.b64encode(f"{settings.username}:{password}".encode()).decode()
    parts = urlsplit(settings.url)
    base_url = f"{parts.scheme}://{parts.netloc}"
    headers = {"Authorization": f"Basic {token}"}
    http = open_account(system, base_url, settings, headers, (token, password), transport, sleep)
    return Dav(http, settings.url)
