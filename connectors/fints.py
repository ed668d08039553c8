"""FinTS 3.0 with PIN: the booked lines of one account, read at the bank itself and never more than read.

The library python-fints keeps the dialog; ours are the way over HTTP with its limits, the errors, and what is known
of the access. A TAN is needed at the first use and then about every 90 days: a person gives it with
`rechnungsbote payment access`.
"""

import base64
import binascii
import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import httpx
from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator
from stdnum import iban as iban_number

from billing.calendar import berlin_day
from connectors import camt
from connectors.bank_access import Memory, memory_of
from connectors.errors import (
    CannotExpress,
    ChannelDown,
    ConnectorError,
    NotAuthorised,
    NotFound,
    TanNeeded,
    Unavailable,
    UnexpectedAnswer,
)
from connectors.http import open_client
from connectors.protocols import Capability
from connectors.settings import BaseUrl, CaFile, Timeouts
from connectors.statements import FileRead, Statement

try:
    from fints import exceptions
    from fints.client import FinTS3PinTanClient, NeedTANResponse
    from fints.message import FinTSInstituteMessage
except ModuleNotFoundError:  # the extra [fints] is not installed
    FinTS3PinTanClient = None

LARGEST_ANSWER = 20 * 1024 * 1024
LOOKED_BACK = timedelta(days=89)
"""Banks want a TAN for older bookings (PSD2)."""
DAY = timedelta(1)
MOST_POLLS = 150

# The library logs whole messages, with the customers' data in them.
logging.getLogger("fints").setLevel(logging.CRITICAL + 1)

ACCESS = "rechnungsbote payment access"
WRONG_PIN = (
    "Die Bank hat Anmeldenamen oder PIN abgelehnt. Das Programm versucht es nicht noch einmal, denn nach drei Fehlern"
    f" sperrt sie den Zugang. Bitte die PIN berichtigen, dann  {ACCESS}"
)
LOCKED = f"Die Bank hat den Zugang gesperrt. Bitte dort entsperren lassen, dann  {ACCESS}"
CONFIRM = f"Die Bank verlangt eine Freigabe (etwa alle 90 Tage). Bitte mit TAN oder App bestätigen:  {ACCESS}"
UNKNOWN_BANK = "Diese Adresse gehört nicht zu dieser Bankleitzahl. Bitte  url  und  bank_code  prüfen."
NO_CAMT = "Diese Bank gibt über FinTS keine Umsätze als CAMT. Bitte Bankdateien benutzen (payments.bank_folder)."


class Settings(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """What a client must say so that his account can be read at the bank."""

    url: BaseUrl = Field(
        description="FinTS-Adresse der Bank", examples=["https://banking-dkb.s-fints-pt-dkb.de/fints30"]
    )
    bank_code: str = Field(pattern=r"^[0-9]{8}$", description="Bankleitzahl", examples=["12030000"])
    username: str = Field(min_length=1, max_length=30, description="Anmeldename beim Online-Banking", examples=["anna"])
    pin: SecretStr = Field(description="PIN des Online-Bankings, am besten eines Zugangs, der nur lesen darf")
    iban: str = Field(description="Konto, das gelesen wird", examples=["DE02120300000000202051"])
    product_id: str = Field(
        min_length=1,
        max_length=25,
        description="Produktregistrierung bei fints.org",
        examples=["9FA6681DE0"],
    )
    hours_between: int = Field(6, ge=1, le=24, description="So viele Stunden liegen mindestens zwischen zwei Abrufen")
    ca_file: CaFile | None = Field(None, description="Datei mit der Zertifizierungsstelle, wenn nicht die des Systems")
    timeouts: Timeouts = Field(default_factory=Timeouts, description="Zeitgrenzen")

    @field_validator("pin")
    @classmethod
    def _pin_can_be_sent(cls, pin: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[!-~]{1,50}", pin.get_secret_value()):
            raise ValueError("Die PIN ist leer oder enthält Zeichen, die Banken nicht kennen (Umlaute, Leerzeichen).")
        return pin

    @field_validator("iban")
    @classmethod
    def _iban_is_one(cls, iban: str) -> str:
        if not iban_number.is_valid(iban):
            raise ValueError("Die IBAN ist ungültig: Länge oder Prüfziffer stimmt nicht.")
        return str(iban_number.compact(iban))

    @model_validator(mode="after")
    def _library_is_there(self) -> "Settings":
        if FinTS3PinTanClient is None:
            raise ValueError("Für FinTS fehlt eine Bibliothek:  pip install 'rechnungsbote[fints]'")
        return self


class Fints:
    """One account. Every reading is a dialog of its own; orders that move money are never sent."""

    capabilities = frozenset({Capability.READS_BANK})

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        self._settings, self._transport = settings, transport
        self._memory: Memory = memory_of(settings.url, settings.username)

    def __repr__(self) -> str:
        return f"Fints({self._settings.bank_code}, …{self._settings.iban[-4:]})"

    def close(self) -> None:
        """Nothing is held open."""

    def files(self, since: date, now: datetime) -> Iterator[FileRead]:
        """What was booked from `since` on, at most 89 days back; nothing if it was read less than `hours_between` ago.

        Raises `TanNeeded`, `NotAuthorised` (a refused PIN is not sent again), and what else can go wrong.
        """
        known = self._memory.recall()
        if known.is_refused:
            raise NotAuthorised(WRONG_PIN, "PIN refused before")
        if known.read_at and timedelta(0) <= now - known.read_at < timedelta(hours=self._settings.hours_between):
            return
        today = berlin_day(now)
        with self._dialog(self._no_person) as client:
            found = client.get_transactions_xml(self._account(client), max(since, today - LOOKED_BACK), today)
            if isinstance(found, NeedTANResponse):
                raise TanNeeded(CONFIRM, "HKCAZ")
        lines = [statement for stream in found[0] for statement in camt.statements_of(bytes(stream))]
        if any(statement.account != self._settings.iban for statement in lines):
            raise UnexpectedAnswer("Die Bank hat Umsätze eines anderen Kontos geschickt.", "account")
        self._memory.remember(read_at=now)
        # All until today was asked for, but what is booked today may still grow.
        whole = Statement("fints", self._settings.iban, today - DAY, ())
        statements = (*(replace(each, complete_until=None) for each in lines), whole)
        yield FileRead(f"FinTS …{self._settings.iban[-4:]}", statements)

    def confirm(self, ask: Callable[[str], str], wait: Callable[[float], None]) -> None:
        """Let a person confirm the access: `ask` shows the bank's words and gives the TAN, empty for an app.

        One attempt, also after a refused PIN. Between looks at an app's answer, `wait` is given the seconds to pause.
        """
        self._memory.remember(is_refused=False)

        def answer(client: Any, challenge: Any) -> None:
            tan = ask(str(challenge.challenge or "Bitte die Freigabe bestätigen."))
            for _ in range(MOST_POLLS):
                challenge = client.send_tan(challenge, tan)
                if not isinstance(challenge, NeedTANResponse):
                    return
                wait(2.0)
            raise TanNeeded("Die Freigabe kam nicht rechtzeitig.", "decoupled")

        with self._dialog(answer) as client:
            self._account(client)

    def _no_person(self, _client: Any, _challenge: Any) -> None:
        raise TanNeeded(CONFIRM, "HITAN")

    @contextmanager
    def _dialog(self, answer: Callable[[Any, Any], None]) -> Iterator[Any]:
        """A dialog in which reading is allowed; whatever the library raises becomes one of our errors."""
        settings = self._settings
        limits = settings.timeouts
        try:
            with open_client(settings.url, {}, limits, settings.ca_file, self._transport) as http:
                client = FinTS3PinTanClient(
                    settings.bank_code,
                    settings.username,
                    settings.pin.get_secret_value(),
                    settings.url,
                    product_id=settings.product_id,
                    system_id=self._memory.recall().system_id or None,
                )
                client.connection = Wire(http, settings.url, limits.total)
                client.fetch_tan_mechanisms()
                self._memory.remember(system_id=client.system_id)
                with client:
                    if client.init_tan_response:
                        answer(client, client.init_tan_response)
                    yield client
        except Exception as fault:
            told = told_of(fault)
            if isinstance(told, NotAuthorised) and told.message != UNKNOWN_BANK:
                self._memory.remember(is_refused=True)
            raise told from fault

    def _account(self, client: Any) -> Any:
        found = client.get_sepa_accounts()
        if isinstance(found, NeedTANResponse):
            raise TanNeeded(CONFIRM, "HKSPA")
        for account in found:
            if account.iban == self._settings.iban:
                return account
        raise NotFound(f"Der Zugang zeigt das Konto …{self._settings.iban[-4:]} nicht.", "HISPA")


class Wire:
    """Carries the library's messages: base64 in an HTTP body, with a time-out and a limit, without redirects."""

    def __init__(self, http: httpx.Client, url: str, seconds: float) -> None:
        self._http, self._url, self._seconds = http, url, seconds

    def send(self, message: Any) -> Any:
        """The bank's answer to one message."""
        sent = base64.b64encode(message.render_bytes())
        try:
            with self._http.stream("POST", self._url, content=sent, headers={"Content-Type": "text/plain"}) as answer:
                body = self._body(answer)
        except httpx.HTTPError as fault:
            raise ChannelDown("Die Bank ist über FinTS nicht erreichbar.", type(fault).__name__) from fault
        if answer.status_code >= 300:
            raise Unavailable("Die Bank nimmt über FinTS gerade nichts an.", f"HTTP {answer.status_code}")
        try:
            return FinTSInstituteMessage(segments=base64.b64decode(body, validate=False))
        except (binascii.Error, ValueError, LookupError, TypeError, AttributeError) as fault:
            raise UnexpectedAnswer("Die Antwort der Bank ist kein FinTS.", type(fault).__name__) from fault

    def _body(self, answer: httpx.Response) -> bytes:
        body, end = bytearray(), time.monotonic() + self._seconds
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > LARGEST_ANSWER:
                raise UnexpectedAnswer("Die Antwort der Bank ist unglaubhaft groß.", "size")
            if time.monotonic() > end:
                raise Unavailable("Die Bank antwortet über FinTS zu langsam.", "total timeout")
        return bytes(body)


def told_of(fault: Exception) -> ConnectorError:
    """Our error for whatever the library raised; it wraps ours, and its own in each other."""
    chain: list[BaseException] = []
    link: BaseException | None = fault
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    for each in chain:
        if isinstance(each, ConnectorError):
            return each
    evidence = type(chain[-1]).__name__
    for kind, told in (
        (exceptions.FinTSClientPINError, NotAuthorised(WRONG_PIN, evidence)),
        (exceptions.FinTSClientTemporaryAuthError, NotAuthorised(LOCKED, evidence)),
        (exceptions.FinTSSCARequiredError, TanNeeded(CONFIRM, evidence)),
        (exceptions.FinTSClientError, NotAuthorised(UNKNOWN_BANK, evidence)),
        (exceptions.FinTSUnsupportedOperation, CannotExpress(NO_CAMT, evidence)),
    ):
        if any(isinstance(each, kind) for each in chain):
            return told
    return UnexpectedAnswer("Die Bank hat über FinTS etwas Unerwartetes geantwortet.", evidence)


def connect(settings: Settings, transport: httpx.BaseTransport | None = None) -> Fints:
    """The account; no connection is made yet."""
    return Fints(settings, transport)
