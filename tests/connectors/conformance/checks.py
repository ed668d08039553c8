"""What must hold for every connector over HTTP, each point a function that fails with an AssertionError.

They need no network: the far side is a made-up transport. `stage_checks.py` has what needs a whole business behind it.
"""

import itertools
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

import httpx

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
from tests.connectors.conformance import faults
from tests.connectors.conformance.noting import error_of, log_text
from tests.connectors.conformance.subjects import ASKS, KEY, NOW, Ask, Far, Listing, Row, Subject
from tests.connectors.drafts import TODAY

Errors = tuple[type[ConnectorError], ...]
Check = Callable[[Subject], None]
TRIES = 4
REFUSED: Errors = (Rejected, Conflict)

READ_STATUSES: dict[int, Errors] = {
    302: (UnexpectedAnswer,),
    400: REFUSED,
    401: (NotAuthorised,),
    402: (NotAuthorised,),
    403: (NotAuthorised,),
    404: (NotFound,),
    406: REFUSED,
    409: (Conflict,),
    410: (NotFound,),
    415: REFUSED,
    422: REFUSED,
    429: (RateLimited,),
    500: (Unavailable,),
    502: (Unavailable,),
    503: (Unavailable,),
    504: (Unavailable,),
}
UNCLEAR = (302, 408, 500, 502, 503, 504)


def reads_name_every_bad_status(subject: Subject) -> None:
    """Jede Frage gibt zu jedem schlechten Status den Fehler, der sagt, wer handeln muss."""
    for (name, ask), (code, kinds) in itertools.product(subject.reads.items(), READ_STATUSES.items()):
        _expect(kinds, subject, faults.status(code), ask, f"{name} bei {code}")


def reads_name_every_broken_answer(subject: Subject) -> None:
    """HTML, NaN, doppelte Namen, abgeschnittene und endlose Antworten sind nie ein leeres Ergebnis."""
    for (name, ask), (what, far) in itertools.product(subject.reads.items(), faults.UNREADABLE.items()):
        _expect((UnexpectedAnswer,), subject, far, ask, f"{name} bei {what}")
    for (name, ask), (what, far) in itertools.product(
        subject.reads.items(), {**faults.SILENT, **faults.NEVER_SENT}.items()
    ):
        _expect((Unavailable,), subject, far, ask, f"{name} bei {what}")


def writes_know_what_is_unclear(subject: Subject) -> None:
    """Nach dem Absenden gilt nur eine klare Antwort; alles andere heißt unbekannt und wird nicht wiederholt."""
    unclear = {**{str(code): faults.status(code) for code in UNCLEAR}, **faults.UNREADABLE, **faults.SILENT}
    unclear["leere Antwort"] = faults.saying({})
    unclear["Liste statt Objekt"] = faults.saying([])
    for what, far in unclear.items():
        writes = _expect((OutcomeUnknown,), subject, _writing(subject, far), subject.create, what)
        assert len(writes) == 1, f"{what}: {len(writes)} Schreibversuche statt einem"


def writes_know_what_was_refused(subject: Subject) -> None:
    """Eine klare Ablehnung und eine Verbindung, die nie zustande kam, heißen: nicht geschehen."""
    for code in (400, 401, 402, 403, 404, 406, 409, 410, 415, 422):
        far = _writing(subject, faults.status(code))
        writes = _expect(READ_STATUSES[code], subject, far, subject.create, str(code))
        assert len(writes) == 1, f"{code}: {len(writes)} Schreibversuche statt einem"
    for what, far in faults.NEVER_SENT.items():
        _expect((Unavailable,), subject, _writing(subject, far), subject.create, what)


def storms_of_429_are_waited_out(subject: Subject) -> None:
    """429 wird mit Geduld und in den genannten Abständen wiederholt, danach mit der genannten Frist gemeldet."""
    far = faults.status(429, {"Retry-After": "7"})
    for name, ask in {**subject.reads, "create": subject.create}.items():
        pauses: list[float] = []
        seen: list[httpx.Request] = []
        connected = subject.connect(_noting(_writing(subject, far) if name == "create" else far, seen), pauses)
        error = _error_of(connected, ask, name)
        assert isinstance(error, RateLimited), f"{name}: {error!r}"
        assert error.retry_after == 7, f"{name}: {error.retry_after} statt 7 Sekunden"
        asked = [request for request in seen if request.method != "GET"] if name == "create" else seen
        assert len(asked) == TRIES, f"{name}: {len(asked)} Versuche statt {TRIES}"
        assert [pause for pause in pauses if pause >= 7] == [7] * (TRIES - 1), f"{name}: Pausen {pauses}"


def a_short_fault_is_survived(subject: Subject) -> None:
    """Eine Frage bekommt ihre Antwort nach zwei Störungen, die vorübergehen."""
    listing = subject.listings["changes"]
    for what in ("503", "429", "Zeit ist um"):
        bad = faults.SILENT.get(what) or faults.status(int(what))
        turns = iter([bad, bad])

        def far(request: httpx.Request, turns: Iterator[Far] = turns) -> httpx.Response:
            return next(turns, lambda asked: httpx.Response(200, json=listing.page(asked, [listing.row("1")])))(request)

        assert listing.read(subject.connect(far)) == ["1"], what


def no_secret_anywhere(subject: Subject) -> None:
    """Der Schlüssel steht in keinem Fehler, keiner Darstellung und keiner Protokollzeile."""
    far_sides = [faults.status(code) for code in (401, 422, 429, 500)]
    far_sides += [*faults.SILENT.values(), *faults.NEVER_SENT.values(), faults.UNREADABLE["HTML"]]
    with log_text(logging.DEBUG) as log:
        for far, (name, ask) in itertools.product(far_sides, {**subject.reads, "create": subject.create}.items()):
            connected = subject.connect(_writing(subject, far) if name == "create" else far)
            error = _error_of(connected, ask, name)
            told = f"{error.message} {error.evidence} {error!r} {connected!r} {vars(connected)}"
            assert KEY not in told, f"{name} verrät den Schlüssel: {told}"
    assert KEY not in log.getvalue(), "Das Protokoll verrät den Schlüssel."


def every_request_has_its_limits(subject: Subject) -> None:
    """Jede Anfrage hat eine Frist für Verbindung, Senden, Lesen und Warten, und nennt, was sie annimmt."""
    for name, ask in {**subject.reads, "create": subject.create}.items():
        seen: list[httpx.Request] = []
        with suppress(ConnectorError):
            ask(subject.connect(_noting(_writing(subject, faults.status(404)), seen)))
        assert seen, f"{name} fragt nichts"
        for request in seen:
            limits = request.extensions["timeout"]
            assert all(limits.get(phase) for phase in ("connect", "read", "write", "pool")), f"{name}: {limits}"
            assert "application/" in request.headers["Accept"], f"{name}: {request.headers['Accept']}"


def the_ledger_has_the_last_word(subject: Subject) -> None:
    """Widerspricht das Journal im letzten Augenblick, ist noch nichts geschrieben."""

    class Lost(Exception):
        pass

    def refuse(phase: str) -> None:
        raise Lost

    seen: list[httpx.Request] = []
    connected = subject.connect(_noting(_writing(subject, faults.saying({"id": "1"})), seen))
    try:
        connected.create(subject.draft, refuse)
    except Lost:
        pass
    else:
        raise AssertionError("create fragt das Journal nicht")
    assert all(request.method == "GET" for request in seen), "geschrieben, bevor das Journal zustimmt"


def the_marker_goes_along(subject: Subject) -> None:
    """Was angelegt wird, trägt unser Zeichen, genaue Zahlen und keinen doppelten Namen."""
    seen: list[httpx.Request] = []
    with suppress(ConnectorError):
        subject.create(subject.connect(_noting(_writing(subject, faults.status(422)), seen)))
    (write,) = (request for request in seen if request.method != "GET")
    sent = json.loads(write.content, parse_float=Decimal, object_pairs_hook=_unique)
    assert subject.draft.marker in write.content.decode(), "Das Zeichen fehlt im Beleg."
    assert "49.99" in write.content.decode(), "Der Preis 49.99 kommt nicht genau an."
    assert isinstance(sent, dict)


def lists_are_read_to_the_end(subject: Subject) -> None:
    """Eine Liste über mehrere Seiten wird ganz gelesen, jeder Eintrag einmal."""
    for name, listing in subject.listings.items():
        for count in (0, 1, listing.page_size, listing.page_size + 1, 2 * listing.page_size + 3):
            wanted = [str(number) for number in range(1, count + 1)]
            found = listing.read(subject.connect(_list(listing, _steady([listing.row(row_id) for row_id in wanted]))))
            assert sorted(found) == sorted(wanted), f"{name}: {len(found)} statt {count}"


def lists_may_change_while_read(subject: Subject) -> None:
    """Rutscht während des Lesens ein Eintrag über die Seitengrenze, geht keiner verloren und keiner zählt doppelt."""
    for name, listing in subject.listings.items():
        ids = [str(number) for number in range(2 * listing.page_size)]
        rows = [listing.row(row_id) for row_id in ids]
        found = listing.read(subject.connect(_list(listing, _moved_once(rows))))
        assert sorted(found) == sorted(ids), f"{name}: {len(set(ids) - set(found))} verloren"


def a_search_needs_a_list_at_rest(subject: Subject) -> None:
    """Ändert sich die Liste bei jedem Blick, gilt die Suche nach unserem Zeichen nicht als vollständig."""
    for name, listing in subject.listings.items():
        if not listing.needs_rest:
            continue
        error = _error_of(subject.connect(_list(listing, _always_new(listing))), listing.read, name)
        assert isinstance(error, Unavailable), f"{name}: {error!r}"


def a_bad_row_holds_up_no_other(subject: Subject) -> None:
    """Ein unlesbarer Eintrag hält keinen anderen auf; am Ende steht ein Fehler, der ihn nennt."""
    for name in ("signals", "changes"):
        listing = subject.listings[name]
        found: list[str] = []
        connected = subject.connect(_list(listing, _steady([listing.row("1"), {"id": "2"}, listing.row("3")])))
        try:
            found.extend(row.external_id for row in _rows_of(connected, name))
        except UnexpectedAnswer:
            assert found == ["1", "3"], f"{name}: {found}"
        else:
            raise AssertionError(f"{name}: der unlesbare Eintrag fiel nicht auf")


def odd_values_are_typed_errors(subject: Subject) -> None:
    """Was immer in einem Feld steht: es wird gelesen oder ist ein erklärter Fehler, nie ein Absturz."""
    for name in subject.exchanges:
        case = subject.recorded(name)
        current = _answers_of(case)
        for request, answer in _answers_of(case).items():
            for mutilated in _mutilations(answer):
                current[request] = mutilated
                with suppress(ConnectorError, NotRecorded):
                    connected = subject.connect(_playing(current), **case["settings"], patience={"tries": 1})
                    _are_exact(ASKS[case["ask"]](connected, case["argument"]))
            current[request] = answer


def amounts_and_times_are_exact(subject: Subject) -> None:
    """Beträge sind Decimal, Zeiten haben eine Zeitzone, Kennungen sind Text."""
    for name in subject.exchanges:
        case = subject.recorded(name)
        with suppress(UnexpectedAnswer):
            _are_exact(
                ASKS[case["ask"]](subject.connect(_playing(_answers_of(case)), **case["settings"]), case["argument"])
            )


CHECKS: tuple[Check, ...] = (
    reads_name_every_bad_status,
    reads_name_every_broken_answer,
    writes_know_what_is_unclear,
    writes_know_what_was_refused,
    storms_of_429_are_waited_out,
    a_short_fault_is_survived,
    no_secret_anywhere,
    every_request_has_its_limits,
    the_ledger_has_the_last_word,
    the_marker_goes_along,
    lists_are_read_to_the_end,
    lists_may_change_while_read,
    a_search_needs_a_list_at_rest,
    a_bad_row_holds_up_no_other,
    odd_values_are_typed_errors,
    amounts_and_times_are_exact,
)


def _expect(kinds: Errors, subject: Subject, far: Far, ask: Ask, what: str) -> list[httpx.Request]:
    """Ask once, without repeating; the error must be of one of the kinds. The writes that were made."""
    seen: list[httpx.Request] = []
    error = _error_of(subject.connect(_noting(far, seen), patience={"tries": 1}), ask, what)
    assert isinstance(error, kinds), f"{what}: {error!r} statt {' oder '.join(kind.__name__ for kind in kinds)}"
    assert error.message.endswith((".", "!")), f"{what}: kein ganzer Satz: {error.message}"
    return [request for request in seen if request.method != "GET"]


def _error_of(connected: Any, ask: Ask, what: str) -> ConnectorError:
    try:
        return error_of(partial(ask, connected), what)
    finally:
        connected.close()


def _writing(subject: Subject, far: Far) -> Far:
    """The far side that is healthy until something is written."""

    def answer(request: httpx.Request) -> httpx.Response:
        return subject.prepared(request) or far(request)

    return answer


def _noting(far: Far, seen: list[httpx.Request]) -> Far:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return far(request)

    return answer


def _list(listing: Listing, rows: Callable[[int], list[Row]]) -> Far:
    """A far side whose list is what `rows` says after so many reads."""
    reads = itertools.count()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=listing.page(request, rows(next(reads))))

    return answer


def _steady(rows: list[Row]) -> Callable[[int], list[Row]]:
    """A list that stays as it is."""
    return lambda reads: rows


def _moved_once(rows: list[Row]) -> Callable[[int], list[Row]]:
    """A list whose first row moves to its end after the first look."""
    return lambda reads: rows if reads < 1 else [*rows[1:], rows[0]]


def _always_new(listing: Listing) -> Callable[[int], list[Row]]:
    """A list of which every look shows other rows."""
    return lambda reads: [listing.row(f"{reads}-{number}") for number in range(listing.page_size + 1)]


def _rows_of(connected: Any, name: str) -> Iterator[Any]:
    """Signals or payments, one after the other."""
    found: Iterator[Any] = connected.signals(TODAY) if name == "signals" else connected.changes(TODAY, NOW)
    return found


class NotRecorded(Exception):
    """An odd value led to a question that nobody recorded."""


def _answers_of(case: Row) -> dict[str, Any]:
    return {exchange["request"]: exchange["answer"] for exchange in case["exchanges"]}


def _playing(answers: dict[str, Any]) -> Far:
    """The far side of a recording, whose answers may be changed meanwhile."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked = f"{request.method} {request.url.raw_path.decode()}"
        if asked not in answers:
            raise NotRecorded(asked)
        return httpx.Response(200, json=answers[asked])

    return answer


def _mutilations(answer: Any) -> Iterator[Any]:
    """The answer with each of its fields replaced by something odd; in lists the first row stands for all."""
    odd_values: Iterator[Any] = itertools.cycle((None, "", "gibtsnicht", -1, [], {}, True, "9" * 400))
    for path in _paths(answer):
        for odd in itertools.islice(odd_values, 3):
            copy = json.loads(json.dumps(answer))
            place = copy
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = odd
            yield copy


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for step, found in inner:
        yield (*path, step)
        yield from _paths(found, (*path, step))


def _are_exact(value: Any) -> None:
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            found = getattr(value, field.name)
            assert not (field.name.endswith("id") and not isinstance(found, str)), f"{field.name}: {found!r}"
            _are_exact(found)
    elif isinstance(value, dict):
        _are_exact([*value, *value.values()])
    elif isinstance(value, list | tuple):
        for entry in value:
            _are_exact(entry)
    elif isinstance(value, Decimal):
        assert value.is_finite(), value
    elif isinstance(value, datetime):
        assert value.tzinfo is not None, value
    assert not isinstance(value, float), value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    assert len(found) == len(pairs), "ein Name steht doppelt"
    return found
