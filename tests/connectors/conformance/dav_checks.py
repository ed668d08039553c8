"""What must hold for every filing and every task board: what is done twice is there once, and no fault is unclear."""

import itertools
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from connectors import caldav, webdav
from connectors.dav import DavSettings
from connectors.errors import NotAuthorised, TryLater
from connectors.protocols import Card
from sandbox.dav import FILES, PASSWORD, TASKS, USERNAME, Cloud, cloud
from tests.connectors.conformance.noting import error_of, log_text

PATH = "2026/11/2026-11-02 Rechnung RE-1 Özdemir & Söhne.pdf"
CONTENT = b"%PDF-1.7 \x00\xff"
CARD = Card(
    uid="rb-4711",
    title="Rechnung 4711; bei Müller, Söhne & Co. nachfassen",
    text="Offen sind 249,89 €.\nFällig war der 16.11.2026. " + "Bitte anrufen, nicht schreiben. " * 9,
    due_on=date(2026, 11, 20),
    is_done=False,
    changed_at=datetime(2026, 11, 2, 8, tzinfo=UTC),
)
DOWN = (500, 502, 503, 507, 429, 0)


@dataclass(frozen=True)
class Place:
    """Something of ours over there: how to connect, an act that may be repeated, and what there is afterwards."""

    connect: Callable[..., Any]
    act: Callable[[Any], object]
    found: Callable[[Cloud], dict[str, bytes]]


def _settings(kind: type[DavSettings], found: Cloud, path: str, **changes: Any) -> Any:
    given = {"url": found.url + path, "username": USERNAME, "password": PASSWORD, "patience": {"tries": 1}}
    return kind.model_validate(given | {"rate": 10_000, "burst": 10_000} | changes)


def _below(path: str) -> Callable[[Cloud], dict[str, bytes]]:
    return lambda found: {name: content for name, content in found.files.items() if name.startswith(path)}


PLACES: Mapping[str, Place] = {
    "webdav": Place(
        lambda found, **changes: webdav.connect(_settings(webdav.Settings, found, FILES, **changes)),
        lambda connected: connected.file(PATH, CONTENT),
        _below(FILES),
    ),
    "caldav": Place(
        lambda found, **changes: caldav.connect(_settings(caldav.Settings, found, TASKS, **changes)),
        lambda connected: connected.show(CARD),
        _below(TASKS),
    ),
}
DavCheck = Callable[[Place], None]


def twice_is_once(place: Place) -> None:
    """Was zweimal geschieht, ist einmal da."""
    with _at(place) as (found, connected):
        place.act(connected)
        before = place.found(found)
        place.act(connected)
        assert len(before) == 1
        assert place.found(found) == before


def no_fault_is_unclear(place: Place) -> None:
    """Jede Störung, bei jeder Anfrage, heißt: später noch einmal; danach ist es genau einmal da."""
    with _at(place) as (found, connected):
        place.act(connected)
        requests = len(found.seen)
    for fault, before in itertools.product(DOWN, range(requests)):
        with _at(place) as (found, connected):
            found.faults = [*[None] * before, fault]
            error = error_of(partial(place.act, connected), str(fault))
            assert isinstance(error, TryLater), f"{fault} nach {before} Anfragen: {error!r}"
            place.act(connected)
            assert len(place.found(found)) == 1, f"{fault} nach {before} Anfragen"


def a_wrong_login_is_named(place: Place) -> None:
    """Ein falsches Kennwort ist ein Fall für einen Menschen und steht in keinem Fehler und keiner Zeile."""
    secret = "ganz-geheimes-kennwort"
    with log_text(logging.DEBUG) as log, _at(place, password=secret) as (found, connected):
        error = error_of(partial(place.act, connected), "Anmeldung")
        assert isinstance(error, NotAuthorised), repr(error)
        assert "App-Kennwort" in error.message
        told = f"{error.message} {error.evidence} {error!r} {connected!r} {vars(connected)} {log.getvalue()}"
        assert secret not in told, told
        assert place.found(found) == {}


DAV_CHECKS: tuple[DavCheck, ...] = (twice_is_once, no_fault_is_unclear, a_wrong_login_is_named)


@contextmanager
def _at(place: Place, **changes: Any) -> Iterator[tuple[Cloud, Any]]:
    with cloud() as found:
        connected = place.connect(found, **changes)
        try:
            yield found, connected
        finally:
            connected.close()
