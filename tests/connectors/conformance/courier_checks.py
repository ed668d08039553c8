"""What must hold for every courier: it knows, or says that it does not know, what became of a message."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors import smtp
from connectors.errors import ConnectorError, NeedsPerson, OutcomeUnknown, TryLater
from tests.connectors.conformance.noting import error_of, log_text
from tests.connectors.scripted import HANG_UP, SILENCE, SmtpScript, listening

PASSWORD = "geheim-4711-kennwort"
RECIPIENT = "inge@example.test"
MAIL = (
    b"From: Rechnung <rechnung@maler.example>\r\nTo: inge@example.test\r\nSubject: Rechnung\r\n\r\nGuten Tag\r\n.\r\n"
)
BEFORE = ("greeting", "ehlo", "mail", "rcpt", "data")
BAD = ("451 later", "550 never", HANG_UP, SILENCE)
AFTER = {HANG_UP: OutcomeUnknown, SILENCE: OutcomeUnknown, "451 later": TryLater, "550 never": NeedsPerson}


@dataclass(frozen=True)
class Courier:
    """A courier and how to connect it to a scripted server on this machine."""

    name: str
    connect: Callable[[int, str], Any]


def _smtp(port: int, username: str) -> smtp.Smtp:
    times = {"connect": 2, "command": 0.1, "dot": 0.1}
    login = {"username": username, "password": PASSWORD}
    given = {"host": "127.0.0.1", "port": port, "security": "none", "timeouts": times, **login}
    return smtp.connect(smtp.Settings.model_validate(given))


COURIERS = {"smtp": Courier("smtp", _smtp)}
CourierCheck = Callable[[Courier], None]


class NotNow(Exception):
    """The ledger does not let the effect go on."""


def a_message_arrives_as_it_is(courier: Courier) -> None:
    """Was übergeben wird, kommt Byte für Byte an, und die Antwort des Empfängers wird genannt."""
    script = SmtpScript()
    answer, phases = _send(courier, script)
    assert isinstance(answer, str), repr(answer)
    assert answer.startswith("250"), answer
    assert phases == ["dot"], phases
    assert [mail.replace(b"\r\n..", b"\r\n.") for mail in script.mails] == [MAIL]


def before_the_dot_nothing_is_unclear(courier: Courier) -> None:
    """Vor dem Schlusspunkt ist eine Mail sicher nicht angenommen, was auch geschieht."""
    for phase in BEFORE:
        for reply in BAD:
            error, phases = _send(courier, SmtpScript({phase: reply, "helo": reply}))
            assert isinstance(error, TryLater | NeedsPerson), f"{phase} {reply}: {error!r}"
            assert phases == [], f"{phase} {reply}: {phases}"


def after_the_dot_only_a_clear_answer_counts(courier: Courier) -> None:
    """Nach dem Schlusspunkt heißt Schweigen unbekannt; nur 4xx und 5xx heißen nicht angenommen."""
    for reply, kinds in AFTER.items():
        error, phases = _send(courier, SmtpScript({"dot": reply}))
        assert isinstance(error, kinds), f"{reply}: {error!r}"
        assert phases == ["dot"], f"{reply}: {phases}"


def the_ledger_has_the_last_word(courier: Courier) -> None:
    """Widerspricht das Journal vor dem Schlusspunkt, geht nichts hinaus."""

    def refuse(phase: str) -> None:
        raise NotNow

    script = SmtpScript()
    with _connected(courier, script) as connected:
        try:
            connected.send(MAIL, RECIPIENT, refuse)
        except NotNow:
            assert script.mails == []
        else:
            raise AssertionError("send fragt das Journal nicht")


def no_secret_anywhere(courier: Courier) -> None:
    """Das Kennwort steht in keinem Fehler, keiner Darstellung und keiner Protokollzeile."""
    script = SmtpScript({"ehlo": "250-scripted\r\n250 AUTH PLAIN", "auth": f"535 no {PASSWORD}"})
    with log_text(logging.DEBUG) as log, _connected(courier, script, "rechnung") as connected:
        error = error_of(partial(connected.send, MAIL, RECIPIENT, _nothing), "Anmeldung")
        assert script.seen[-1] == "auth", script.seen
        told = f"{error.message} {error.evidence} {error!r} {connected!r} {vars(connected)}"
        assert PASSWORD not in told, told
    assert PASSWORD not in log.getvalue(), "Das Protokoll verrät das Kennwort."


COURIER_CHECKS: tuple[CourierCheck, ...] = (
    a_message_arrives_as_it_is,
    before_the_dot_nothing_is_unclear,
    after_the_dot_only_a_clear_answer_counts,
    the_ledger_has_the_last_word,
    no_secret_anywhere,
)


@contextmanager
def _connected(courier: Courier, script: SmtpScript, username: str = "") -> Iterator[Any]:
    with listening(script.serve) as port:
        connected = courier.connect(port, username)
        try:
            yield connected
        finally:
            connected.close()


def _send(courier: Courier, script: SmtpScript) -> tuple[Any, list[str]]:
    """The answer or the error, and the phases that were committed."""
    phases: list[str] = []
    with _connected(courier, script) as connected:
        try:
            return connected.send(MAIL, RECIPIENT, phases.append), phases
        except ConnectorError as error:
            return error, phases


def _nothing(phase: str) -> None:
    """A ledger that always agrees."""
