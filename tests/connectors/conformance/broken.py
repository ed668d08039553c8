"""Deliberately broken copies of a connector: the suite is worth something only if it notices each of them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import httpx

from connectors import lexoffice
from connectors.errors import ConnectorError, OutcomeUnknown, TryLater, UnexpectedAnswer
from connectors.http import HttpClient
from connectors.paging import Page
from tests.connectors.conformance import checks
from tests.connectors.conformance.checks import Check
from tests.connectors.conformance.subjects import LEXOFFICE, Subject


class OnlyTheFirstPage(lexoffice.Lexoffice):
    """Takes the first page of a list for all of it."""

    def _list(self, purpose: str, sort: str, filters: dict[str, str]) -> Callable[..., Page]:
        fetch = super()._list(purpose, sort, filters)
        return lambda since, number: replace(fetch(since, number), pages=1)


class WritesAgain(lexoffice.Lexoffice):
    """Repeats a creation whose outcome is unknown."""

    def create(self, draft: Any, reach: Any) -> str:
        """Create, and create again."""
        with suppress(OutcomeUnknown):
            return super().create(draft, reach)
        return super().create(draft, reach)


class ShowsTheKey(lexoffice.Lexoffice):
    """Puts the key into its errors."""

    key = ""

    def read(self, external_id: str) -> Any:
        """Read, and tell too much."""
        try:
            return super().read(external_id)
        except ConnectorError as error:
            raise type(error)(error.message, f"{error.evidence} with {self.key}") from error


class SwallowsErrors(lexoffice.Lexoffice):
    """Takes an error for an empty list."""

    def find(self, draft: Any, since: Any) -> list[str]:
        """Find, or nothing."""
        with suppress(ConnectorError):
            return super().find(draft, since)
        return []


class CountsInFloats(lexoffice.Lexoffice):
    """Makes floats of amounts."""

    def read(self, external_id: str) -> Any:
        """Read, and round."""
        booked = super().read(external_id)
        inexact: Any = float(booked.net)
        return replace(booked, net=inexact)


class GivesUpTooSoon(lexoffice.Lexoffice):
    """Calls a read that can be repeated a matter for a person."""

    def state(self, external_id: str, now: Any) -> Any:
        """The state, or a wrong error."""
        try:
            return super().state(external_id, now)
        except TryLater as error:
            raise UnexpectedAnswer(error.message) from error


class AsksNobody(lexoffice.Lexoffice):
    """Does not ask the ledger before it writes."""

    def create(self, draft: Any, reach: Any) -> str:
        """Create without asking."""
        return super().create(draft, lambda phase: None)


class ForgetsTheMarker(lexoffice.Lexoffice):
    """Creates invoices that nobody can find again."""

    def create(self, draft: Any, reach: Any) -> str:
        """Create without the marker."""
        return super().create(replace(draft, marker=""), reach)


class CrashesOnOddValues(lexoffice.Lexoffice):
    """Trusts every field of an answer."""

    def read(self, external_id: str) -> Any:
        """Read without care."""
        answer = self._http.get(f"/v1/invoices/{external_id}", "read")
        assert answer["voucherStatus"].upper()
        return super().read(external_id)


@dataclass(frozen=True)
class Broken:
    """A broken copy and the check that must notice it."""

    kind: type[lexoffice.Lexoffice]
    check: Check


BROKEN: Mapping[str, Broken] = {
    found.kind.__name__: found
    for found in (
        Broken(OnlyTheFirstPage, checks.lists_are_read_to_the_end),
        Broken(WritesAgain, checks.writes_know_what_is_unclear),
        Broken(ShowsTheKey, checks.no_secret_anywhere),
        Broken(SwallowsErrors, checks.reads_name_every_bad_status),
        Broken(CountsInFloats, checks.amounts_and_times_are_exact),
        Broken(GivesUpTooSoon, checks.storms_of_429_are_waited_out),
        Broken(AsksNobody, checks.the_ledger_has_the_last_word),
        Broken(ForgetsTheMarker, checks.the_marker_goes_along),
        Broken(CrashesOnOddValues, checks.odd_values_are_typed_errors),
    )
}


def broken_copy(kind: type[lexoffice.Lexoffice]) -> Subject:
    """Lexware Office's connector with that class in place of the real one."""

    def connect(settings: lexoffice.Settings, transport: httpx.BaseTransport, sleep: Any) -> lexoffice.Lexoffice:
        whole = lexoffice.connect(settings, transport, sleep)
        http: HttpClient = vars(whole)["_http"]
        copy = kind(http, settings)
        if isinstance(copy, ShowsTheKey):
            type(copy).key = settings.api_key.get_secret_value()
        return copy

    module: Any = SimpleNamespace(Settings=lexoffice.Settings, connect=connect)
    return replace(LEXOFFICE, module=module)
