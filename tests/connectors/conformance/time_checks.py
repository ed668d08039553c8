"""What must hold for every time source over HTTP."""

import logging
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

import httpx

from connectors import mite
from connectors.errors import ConnectorError, RateLimited, UnexpectedAnswer
from tests.connectors.conformance import checks, faults
from tests.connectors.conformance.noting import error_of, log_text
from tests.connectors.conformance.subjects import KEY, Far, Subject
from tests.connectors.drafts import draft_for, one_time

SINCE = date(2026, 10, 1)
TimeCheck = Callable[[Subject], None]


def row(number: int, **changes: Any) -> dict[str, Any]:
    """A time entry as mite gives it."""
    facts = {
        "id": number, "minutes": 80, "date_at": "2026-10-05", "note": "SHOP-12 Warenkorb", "billable": True,
        "locked": False, "hourly_rate": 9500, "user_name": "Jana", "customer_name": "König", "service_name": "Entwurf",
        "project_name": "Shop", "updated_at": "2026-10-05T12:00:00+02:00",
    }  # fmt: skip
    return {"time_entry": facts | changes}


def _asked(connected: Any) -> list[Any]:
    return list(connected.entries(SINCE))


def _into(found: list[str], connected: Any) -> None:
    for entry in connected.entries(SINCE):
        found.append(entry.external_id)


def far(*rows: dict[str, Any]) -> Far:
    """A far side with these entries, whatever it is asked for."""
    return lambda _request: httpx.Response(200, json=list(rows))


MITE = Subject(
    name="mite",
    module=mite,
    draft=draft_for(one_time()),
    listings={},
    exchanges=(),
    settings={"base_url": "https://sommer.mite.de"},
    reads={"entries": _asked},
)
TIME_SOURCES: Mapping[str, Subject] = {"mite": MITE}


def ids_are_stable_and_single(subject: Subject) -> None:
    """Jeder Eintrag kommt einmal, mit gleicher Kennung und gleicher Fassung, solange sich nichts ändert."""
    connected = subject.connect(far(row(1), row(2), row(1)))
    first, second = _asked(connected), _asked(connected)
    assert [entry.external_id for entry in first] == ["1", "2"]
    assert first == second
    changed = _asked(subject.connect(far(row(1, minutes=81))))[0]
    assert changed.version != first[0].version


def filters_are_requests(subject: Subject) -> None:
    """Was vor dem gefragten Tag liegt, bleibt draußen, auch wenn das System es doch nennt."""
    assert _asked(subject.connect(far(row(1, date_at="2026-09-30")))) == []


def a_bad_row_holds_up_no_other(subject: Subject) -> None:
    """Ein Eintrag, der sich nicht lesen lässt, wird am Ende gemeldet; die anderen kommen."""
    for changes in ({"minutes": "viele"}, {"date_at": "gestern"}, {"minutes": 5000}, {"hourly_rate": "1e99"}):
        found: list[str] = []
        connected = subject.connect(far(row(1, **changes), row(2)))
        error = error_of(partial(_into, found, connected), str(changes))
        assert isinstance(error, UnexpectedAnswer), changes
        assert "Nicht lesbare Einträge" in error.message
        assert found == ["2"], changes


def storms_are_waited_out(subject: Subject) -> None:
    """429 wird in den genannten Abständen wiederholt und dann mit der Frist gemeldet."""
    pauses: list[float] = []
    connected = subject.connect(faults.status(429, {"Retry-After": "7"}), pauses)
    error = error_of(lambda: _asked(connected), "429")
    assert isinstance(error, RateLimited)
    assert error.retry_after == 7
    assert pauses.count(7) == checks.TRIES - 1


def the_key_stays_secret(subject: Subject) -> None:
    """Der Schlüssel steht in keinem Fehler und keiner Protokollzeile."""
    with log_text(logging.DEBUG) as log:
        for answer in (*(faults.status(code) for code in (401, 422, 500)), *faults.SILENT.values()):
            connected = subject.connect(answer, patience={"tries": 1})
            error: ConnectorError = error_of(partial(_asked, connected), "key")
            assert KEY not in f"{error.message} {error.evidence} {error!r} {connected!r} {vars(connected)}"
    assert KEY not in log.getvalue()


TIME_CHECKS: tuple[TimeCheck, ...] = (
    checks.reads_name_every_bad_status,
    checks.reads_name_every_broken_answer,
    ids_are_stable_and_single,
    filters_are_requests,
    a_bad_row_holds_up_no_other,
    storms_are_waited_out,
    the_key_stays_secret,
)
