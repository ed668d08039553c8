"""Signing in to a mail server with a token instead of a password: OAuth 2.0 (RFC 6749) and XOAUTH2.

Microsoft 365 and Google take no passwords any more. Microsoft gives an application a token of its own (4.4, client
credentials); Google wants the refresh token that a person consented to once (6).
"""

import smtplib
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from pydantic import BaseModel, Field, SecretStr

from connectors import strict_json
from connectors.errors import ChannelDown, NeedsPerson, NotAuthorised, OutcomeUnknown, Unavailable
from connectors.http import HttpClient, Request, open_client
from connectors.rate import account_key, bucket_for
from connectors.settings import BaseUrl, CaFile, Password, Patience, Timeouts

SYSTEM = "Die Anmeldestelle des Mailservers"
LARGEST_ANSWER = 256 * 1024
MARGIN = 120.0
"""So many seconds before its end a token is not used any more."""
SHORT_LIFE = 600.0
"""How long a token is trusted whose life the answer does not tell; seconds (RFC 6749 5.1 only recommends it)."""


class OAuth(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """What the operator gets when he registers Rechnungsbote as an application with the provider."""

    token_url: BaseUrl = Field(
        description="Adresse für Tokens, etwa https://login.microsoftonline.com/MANDANT/oauth2/v2.0/token"
    )
    client_id: str = Field(min_length=1, description="Kennung der Anwendung beim Anbieter")
    client_secret: Password = Field(description="Geheimnis der Anwendung")
    refresh_token: Password = Field(SecretStr(""), description="Nur Google: Token aus der einmaligen Zustimmung")
    scope: str = Field("", description="Umfang; Microsoft: https://outlook.office365.com/.default")
    ca_file: CaFile | None = Field(None, description="Datei mit der Zertifizierungsstelle, wenn nicht die des Systems")
    timeouts: Timeouts = Field(default_factory=Timeouts, description="Fristen einer Anfrage in Sekunden")
    patience: Patience = Field(default_factory=Patience, description="Wiederholungen einer Anfrage")

    @property
    def form(self) -> dict[str, str]:
        """The body of the request: the grant that these settings stand for."""
        refresh = self.refresh_token.get_secret_value()
        grant = (
            {"grant_type": "refresh_token", "refresh_token": refresh}
            if refresh
            else {"grant_type": "client_credentials"}
        )
        secret = {"client_id": self.client_id, "client_secret": self.client_secret.get_secret_value()}
        return grant | secret | ({"scope": self.scope} if self.scope else {})


class Tokens:
    """The token in force; a new one is fetched when it ends, or when a server no longer takes it."""

    def __init__(
        self, settings: OAuth, transport: httpx.BaseTransport | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings, self._transport, self._clock = settings, transport, clock
        self._turn = threading.Lock()
        self._token, self._until = SecretStr(""), 0.0

    def __repr__(self) -> str:
        return f"Tokens({self._settings.token_url})"

    def token(self) -> str:
        """A token that is still good for a while. Raises `NotAuthorised` with the cure, or `Unavailable`."""
        with self._turn:
            if self._clock() >= self._until:
                self._token, life = self._fetched()
                self._until = self._clock() + max(life - MARGIN, 0.0)
            return self._token.get_secret_value()

    def forget(self) -> None:
        """The server did not take the token: the next one is a new one."""
        with self._turn:
            self._until = 0.0

    def _fetched(self) -> tuple[SecretStr, float]:
        path = urlsplit(self._settings.token_url).path
        content = urlencode(self._settings.form).encode()
        request = Request(
            "POST", path, "token", "application/json", LARGEST_ANSWER, {}, content,
            content_type="application/x-www-form-urlencoded",
        )  # fmt: skip
        http = self._connected()
        try:
            return token_in(http.ask(request))
        except NeedsPerson as error:
            raise NotAuthorised(f"{_REFUSED} {error.message}", error.evidence) from error
        except OutcomeUnknown as error:
            # Nothing is changed by asking for a token, so it is no matter whether one was given.
            raise Unavailable(f"{SYSTEM} antwortet nicht. Es wird später erneut versucht.", error.evidence) from error
        finally:
            http.close()

    def _connected(self) -> HttpClient:
        settings = self._settings
        parts = urlsplit(settings.token_url)
        client = open_client(
            f"{parts.scheme}://{parts.netloc}", {}, settings.timeouts, settings.ca_file, self._transport
        )
        secrets = (settings.client_secret.get_secret_value(), settings.refresh_token.get_secret_value())
        return HttpClient(
            SYSTEM,
            client,
            bucket_for(account_key(settings.token_url, settings.client_id), 5, 10, SYSTEM),
            settings.patience,
            total_timeout=settings.timeouts.total,
            secrets=tuple(filter(None, secrets)),
            complaint_in=_complaint_in,
        )


_REFUSED = (
    "Die Anmeldung am Mailserver bekommt kein Token."
    " Bitte client_id, client_secret, scope und die Zustimmung des Administrators prüfen."
)


def token_in(body: bytes) -> tuple[SecretStr, float]:
    """The token of an answer and its life in seconds (RFC 6749 5.1). Raises `NotAuthorised` for any other answer."""
    try:
        answer = strict_json.loads(body)
    except ValueError:
        answer = None
    token = answer.get("access_token") if isinstance(answer, Mapping) else None
    if not isinstance(token, str) or not token or not all("!" <= letter <= "~" for letter in token):
        raise NotAuthorised(f"{SYSTEM} gibt kein brauchbares Token. Bitte token_url prüfen.", "access_token")
    life = answer.get("expires_in")
    is_told = isinstance(life, int) and not isinstance(life, bool) and life > 0
    return SecretStr(token), float(life) if is_told else SHORT_LIFE


def xoauth2(username: str, token: str) -> str:
    """The initial response of XOAUTH2, as Microsoft and Google document it."""
    return f"user={username}\x01auth=Bearer {token}\x01\x01"


def sign_in(server: smtplib.SMTP, username: str, tokens: Tokens) -> None:
    """AUTH XOAUTH2 at a mail server. Raises `ChannelDown` without a token: it concerns every message alike."""
    if "XOAUTH2" not in server.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError("AUTH XOAUTH2")
    try:
        said = xoauth2(username, tokens.token())
    except NotAuthorised as error:
        raise ChannelDown(error.message, error.evidence) from error
    try:
        # A refusal comes as a challenge, which wants an empty answer.
        server.auth("XOAUTH2", lambda challenge=None: said if challenge is None else "")
    except smtplib.SMTPAuthenticationError:
        tokens.forget()
        raise


def _complaint_in(answer: Any) -> str:
    """`error` and its description (RFC 6749 5.2), on one line."""
    if not isinstance(answer, Mapping):
        return ""
    said = [answer.get(name) for name in ("error", "error_description")]
    return ": ".join(" ".join(text.split()) for text in said if isinstance(text, str))[:300]


def check_login(username: str, password: SecretStr, oauth: OAuth | None) -> None:
    """Raise `ValueError` unless there is one way to sign in."""
    if oauth and password.get_secret_value():
        raise ValueError("Entweder password oder oauth angeben, nicht beides.")
    if oauth and not (username.isascii() and username.isprintable() and username):
        raise ValueError("Zu oauth gehört ein username: die Adresse des Postfachs.")
