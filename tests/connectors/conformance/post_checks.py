"""What must hold for every letter service: nothing is posted twice, nothing is lost, nobody else's letter is ours."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

import httpx

from connectors import letterxpress
from connectors.errors import CannotExpress, ConnectorError, Rejected, UnexpectedAnswer
from connectors.protocols import Letter, LetterStage
from tests.connectors.conformance import checks, faults
from tests.connectors.conformance.noting import error_of
from tests.connectors.conformance.subjects import Far, Row, Subject
from tests.connectors.drafts import draft_for, one_time

SINCE = date(2026, 11, 2)
LETTER = Letter(b"%PDF-1.7 \x00\xff", "RB-2345-6789-ABCD/invoice-letter")
PER_PAGE = 15


@dataclass(frozen=True)
class PostSubject(Subject):
    """A letter service: what it creates is an order for a letter."""

    def create(self, connected: Any) -> Any:
        """Order the letter, with a ledger that always agrees."""
        return connected.post(LETTER, _agree)


def order(number: int, **changes: Any) -> Row:
    """An order as LetterXpress gives it; by default somebody else's."""
    read = {"address": "Inge Test\nWeg 1\n10115 Berlin", "pages": 1}
    facts = {"id": number, "status": "queue", "created_at": "2026-11-02 09:15:00", "notice": None, "items": [read]}
    return facts | {"filename_original": "scan.pdf"} | changes


def office(orders: Mapping[str, Sequence[Row]]) -> Far:
    """A far side with these orders by list, fifteen a page."""

    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        rows = list(orders.get(request.url.params["filter"], ()))
        shown = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
        last = max(1, -(-len(rows) // PER_PAGE))
        pagination = {
            "total": len(rows),
            "count": len(shown),
            "per_page": PER_PAGE,
            "current_page": page,
            "last_page": last,
        }
        return httpx.Response(200, json={"status": 200, "data": {"printjobs": shown, "pagination": pagination}})

    return answer


def one(row: Row) -> Far:
    """A far side that gives this order, whatever it is asked for."""
    return lambda _request: httpx.Response(200, json={"status": 200, "data": row})


LETTERXPRESS = PostSubject(
    name="letterxpress",
    module=letterxpress,
    draft=draft_for(one_time()),
    listings={},
    exchanges=(),
    settings={"username": "buero"},
    reads={"find": lambda connected: connected.find(LETTER.key, SINCE)},
)
OFFICES: Mapping[str, PostSubject] = {"letterxpress": LETTERXPRESS}
PostCheck = Callable[[PostSubject], None]


def the_letter_goes_along(subject: PostSubject) -> None:
    """Was aufgegeben wird, kommt Byte für Byte an und trägt unser Zeichen; die Kennung des Auftrags wird genannt."""
    seen: list[httpx.Request] = []
    phases: list[str] = []

    def far(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return one(order(4711))(request)

    assert subject.connect(far).post(LETTER, phases.append) == "4711"
    (request,) = seen
    sent = json.loads(request.content)["letter"]
    assert base64.b64decode(sent["base64_file"]) == LETTER.pdf
    assert sent["base64_file_checksum"] == hashlib.md5(sent["base64_file"].encode()).hexdigest()  # noqa: S324
    assert (sent["notice"], phases) == (LETTER.key, ["sending"])
    assert "registered" not in sent
    assert request.headers["Content-Type"] == "application/json"


def the_ledger_has_the_last_word(subject: PostSubject) -> None:
    """Widerspricht das Journal im letzten Augenblick, ist noch nichts aufgegeben."""
    seen: list[httpx.Request] = []

    class Lost(Exception):
        pass

    def refuse(_phase: str) -> None:
        raise Lost

    def far(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return one(order(1))(request)

    try:
        subject.connect(far).post(LETTER, refuse)
    except Lost:
        assert seen == []
    else:
        raise AssertionError("post fragt das Journal nicht")


def what_cannot_be_said_is_not_asked(subject: PostSubject) -> None:
    """Ein zu großer Brief wird abgelehnt, bevor etwas hinausgeht."""
    large = replace(LETTER, pdf=b"%PDF-" + b"0" * (50 * 1024 * 1024))
    error = error_of(lambda: subject.connect(_never).post(large, _agree), "zu groß")
    assert isinstance(error, CannotExpress), repr(error)


def the_search_is_complete(subject: PostSubject) -> None:
    """Gesucht wird in jeder Liste, auf jeder Seite, nach unserem Zeichen in Notiz oder Dateiname, ab dem Tag."""
    others = [order(number) for number in range(1, 40)]
    ours = [
        order(100, notice=LETTER.key),
        order(101, filename_original=letterxpress.file_name(LETTER.key)),
        order(102, notice=LETTER.key, created_at="2026-11-01 23:59:59"),
        order(103, notice=f"{LETTER.key}-2"),
    ]
    for status in letterxpress.LISTS:
        found = subject.connect(office({status: [*others, *ours]})).find(LETTER.key, SINCE)
        assert found == ["100", "101"], f"{status}: {found}"
    assert subject.connect(office({})).find(LETTER.key, SINCE) == []


def a_blind_search_finds_nothing_out(subject: PostSubject) -> None:
    """Eine Liste ohne Notiz und Dateinamen, oder unter anderem Namen, ist ein Fehler und kein „nicht da“."""
    silent = office({"queue": [order(1, notice=None, filename_original=None)]})
    pagination = {"total": 1, "count": 1, "current_page": 1, "last_page": 1}
    for far in (silent, one({"orders": [order(1)], "pagination": pagination})):
        found = partial(subject.connect(far).find, LETTER.key, SINCE)
        assert isinstance(error_of(found, "blind"), UnexpectedAnswer)


def every_stage_is_known(subject: PostSubject) -> None:
    """Jeder Stand wird verstanden, ein neuer ist ein Fehler; ein Auftrag, den es nicht mehr gibt, ist fort."""
    stages = {"queue": LetterStage.WAITING, "draft": LetterStage.WAITING, "hold": LetterStage.HELD}
    stages |= {"done": LetterStage.POSTED, "canceled": LetterStage.GONE}
    for status, stage in stages.items():
        progress = subject.connect(one(order(1, status=status))).progress("1")
        assert (progress.stage, progress.address) == (stage, "Inge Test\nWeg 1\n10115 Berlin"), status
    error = error_of(lambda: subject.connect(one(order(1, status="neu"))).progress("1"), "neuer Stand")
    assert isinstance(error, UnexpectedAnswer), repr(error)
    assert subject.connect(faults.status(404)).progress("1").stage is LetterStage.GONE
    for code in (401, 500):
        error = error_of(partial(subject.connect(faults.status(code), patience={"tries": 1}).progress, "1"), str(code))
        assert isinstance(error, checks.READ_STATUSES[code]), f"{code}: {error!r}"


def too_late_is_said(subject: PostSubject) -> None:
    """Was schon gedruckt ist, lässt sich nicht zurückholen, und das wird gesagt; was fort ist, ist zurückgeholt."""
    error: ConnectorError = error_of(lambda: subject.connect(faults.status(422)).recall("1"), "zu spät")
    assert isinstance(error, Rejected), repr(error)
    for far in (one({}), faults.status(404)):
        subject.connect(far).recall("1")


def _agree(_phase: str) -> None:
    """A ledger that always agrees."""


def _never(_request: httpx.Request) -> httpx.Response:
    raise AssertionError("Es ging doch etwas hinaus.")


POST_CHECKS: tuple[PostCheck, ...] = (
    checks.reads_name_every_bad_status,
    checks.reads_name_every_broken_answer,
    checks.writes_know_what_is_unclear,
    checks.writes_know_what_was_refused,
    checks.storms_of_429_are_waited_out,
    checks.no_secret_anywhere,
    checks.every_request_has_its_limits,
    the_letter_goes_along,
    the_ledger_has_the_last_word,
    what_cannot_be_said_is_not_asked,
    the_search_is_complete,
    a_blind_search_finds_nothing_out,
    every_stage_is_known,
    too_late_is_said,
)
