"""Deliberately broken copies of every connector: the suite is worth something only if it notices each of them.

A copy passes on whatever it does not do wrong, so the same flaw is built into each system.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain, islice
from types import SimpleNamespace
from typing import Any

import httpx

from connectors.errors import ConnectorError, OutcomeUnknown, RateLimited, TryLater, UnexpectedAnswer
from tests.connectors.conformance import checks, stage_checks
from tests.connectors.conformance.checks import Check
from tests.connectors.conformance.stage_checks import StageCheck
from tests.connectors.conformance.subjects import Subject
from tests.connectors.conformance.worlds import World
from tests.connectors.drafts import TODAY


class Copy:
    """A connection without a flaw of its own."""

    def __init__(self, whole: Any) -> None:
        self._whole = whole

    def __repr__(self) -> str:
        return repr(self._whole)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)


class OnlyTheFirstRows(Copy):
    """Takes the beginning of a list for all of it."""

    def signals(self, since: date) -> Iterator[Any]:
        """Some signals."""
        return islice(self._whole.signals(since), 100)


class CountsTwice(Copy):
    """Gives what moved to another page a second time."""

    def changes(self, since: date, now: Any) -> Iterator[Any]:
        """Payments, the first of them twice."""
        found = list(self._whole.changes(since, now))
        return chain(found[:1], found)


class WritesAgain(Copy):
    """Repeats a creation whose outcome is unknown."""

    def create(self, draft: Any, reach: Any) -> Any:
        """Create, and create again."""
        with suppress(OutcomeUnknown):
            return self._whole.create(draft, reach)
        return self._whole.create(draft, reach)


class TakesSilenceForANo(Copy):
    """Calls a creation without an answer one that was refused."""

    def create(self, draft: Any, reach: Any) -> Any:
        """Create, or say that it was not done."""
        try:
            return self._whole.create(draft, reach)
        except OutcomeUnknown as error:
            raise UnexpectedAnswer(error.message, error.evidence) from error


class TakesANoForSilence(Copy):
    """Calls a refused creation one of unknown outcome."""

    def create(self, draft: Any, reach: Any) -> Any:
        """Create, or know nothing."""
        try:
            return self._whole.create(draft, reach)
        except ConnectorError as error:
            raise OutcomeUnknown(error.message, error.evidence) from error


class ShowsTheKey(Copy):
    """Puts the key into its errors."""

    def read(self, external_id: str) -> Any:
        """Read, and tell too much."""
        try:
            return self._whole.read(external_id)
        except ConnectorError as error:
            (key, *_) = vars(vars(self._whole)["_http"])["_secrets"]
            raise type(error)(error.message, f"{error.evidence} with {key}") from error


class SwallowsErrors(Copy):
    """Takes an error for an empty list."""

    def find(self, draft: Any, since: Any) -> Any:
        """Find, or nothing."""
        with suppress(ConnectorError):
            return self._whole.find(draft, since)
        return []


class TakesRubbishForNothing(Copy):
    """Takes an answer that cannot be read, cut or HTML or endless, for an empty list."""

    def signals(self, since: date) -> Iterator[Any]:
        """Signals, or none."""
        with suppress(UnexpectedAnswer):
            yield from self._whole.signals(since)


class CountsInFloats(Copy):
    """Makes floats of amounts."""

    def read(self, external_id: str) -> Any:
        """Read, and round."""
        booked = self._whole.read(external_id)
        return replace(booked, net=float(booked.net))


class ForgetsTheZone(Copy):
    """Drops the zone of instants."""

    def changes(self, since: date, now: Any) -> Iterator[Any]:
        """Payments, read at a time of nowhere."""
        for payment in self._whole.changes(since, now):
            yield replace(payment, fact=replace(payment.fact, read_at=payment.fact.read_at.replace(tzinfo=None)))


class GivesUpTooSoon(Copy):
    """Calls a read that can be repeated a matter for a person."""

    def state(self, external_id: str, now: Any) -> Any:
        """The state, or a wrong error."""
        try:
            return self._whole.state(external_id, now)
        except TryLater as error:
            raise UnexpectedAnswer(error.message) from error


class DropsTheDate(Copy):
    """Forgets how long it was told to wait."""

    def read(self, external_id: str) -> Any:
        """Read, or say to come again at any time."""
        try:
            return self._whole.read(external_id)
        except RateLimited as error:
            raise RateLimited(error.message, error.evidence) from error


class WaitsForEver(Copy):
    """Has no time-outs."""

    def __init__(self, whole: Any) -> None:
        super().__init__(whole)
        vars(vars(whole)["_http"])["_client"].timeout = httpx.Timeout(None)


class AsksNobody(Copy):
    """Does not ask the ledger before it writes."""

    def create(self, draft: Any, reach: Any) -> Any:
        """Create without asking."""
        return self._whole.create(draft, lambda phase: None)


class ForgetsTheMarker(Copy):
    """Creates invoices that nobody can find again."""

    def create(self, draft: Any, reach: Any) -> Any:
        """Create without the marker."""
        return self._whole.create(replace(draft, marker=""), reach)


class CrashesOnOddValues(Copy):
    """Trusts every field of an answer."""

    def read(self, external_id: str) -> Any:
        """Read without care."""
        try:
            return self._whole.read(external_id)
        except UnexpectedAnswer as error:
            raise KeyError(error.evidence) from error


class StopsAtABadRow(Copy):
    """Lets one row that cannot be read hold up those after it."""

    def changes(self, since: date, now: Any) -> Iterator[Any]:
        """Payments up to the first."""
        yield from islice(self._whole.changes(since, now), 1)
        raise UnexpectedAnswer("Eine Zeile ist nicht lesbar.")


class TrustsARestlessList(Copy):
    """Takes a search for complete although the list changed all the while."""

    def find(self, draft: Any, since: Any) -> Any:
        """Find, or nothing."""
        with suppress(TryLater):
            return self._whole.find(draft, since)
        return []


class DropsALine(Copy):
    """Writes an invoice without its last line."""

    def create(self, draft: Any, reach: Any) -> Any:
        """Create less than was asked."""
        return self._whole.create(replace(draft, lines=draft.lines[:-1]), reach)


class StartsADayLate(Copy):
    """Leaves out the first day of a window."""

    def changes(self, since: date, now: Any) -> Any:
        """Payments since the next day."""
        return self._whole.changes(since + timedelta(days=1), now)


class FindsOnlyOne(Copy):
    """Ends a search with the first hit."""

    def find(self, draft: Any, since: Any) -> Any:
        """One, although there may be two."""
        return self._whole.find(draft, since)[:1]


class FindsEverything(Copy):
    """Takes every invoice for ours."""

    def find(self, draft: Any, since: Any) -> Any:
        """The ids of all invoices."""
        return [payment.external_id for payment in self._whole.changes(since, stage_checks.NOW)]


class SweepsNothing(Copy):
    """Never sees an invoice that was made twice."""

    def doubled(self, drafts: Any, since: Any) -> Any:
        """None."""
        return {}


class AsksTooOften(Copy):
    """Reads twice what once would do."""

    def job(self, external_id: str) -> Any:
        """A job, read twice."""
        self._whole.signals(TODAY)
        self._whole.job(external_id)
        return self._whole.job(external_id)

    def signals(self, since: date) -> Any:
        """Signals, read three times."""
        for _ in range(2):
            list(self._whole.signals(since))
        return self._whole.signals(since)


BROKEN: Mapping[type[Copy], Check] = {
    OnlyTheFirstRows: checks.lists_are_read_to_the_end,
    CountsTwice: checks.lists_may_change_while_read,
    WritesAgain: checks.writes_know_what_is_unclear,
    TakesSilenceForANo: checks.writes_know_what_is_unclear,
    TakesANoForSilence: checks.writes_know_what_was_refused,
    ShowsTheKey: checks.no_secret_anywhere,
    SwallowsErrors: checks.reads_name_every_bad_status,
    TakesRubbishForNothing: checks.reads_name_every_broken_answer,
    CountsInFloats: checks.amounts_and_times_are_exact,
    ForgetsTheZone: checks.amounts_and_times_are_exact,
    GivesUpTooSoon: checks.storms_of_429_are_waited_out,
    DropsTheDate: checks.storms_of_429_are_waited_out,
    WaitsForEver: checks.every_request_has_its_limits,
    AsksNobody: checks.the_ledger_has_the_last_word,
    ForgetsTheMarker: checks.the_marker_goes_along,
    CrashesOnOddValues: checks.odd_values_are_typed_errors,
    StopsAtABadRow: checks.a_bad_row_holds_up_no_other,
    TrustsARestlessList: checks.a_search_needs_a_list_at_rest,
}
"""Each flaw, and the check that must notice it without a business behind the connector."""

BROKEN_AT_THE_STAGE: Mapping[type[Copy], StageCheck] = {
    DropsALine: stage_checks.what_is_written_is_read_back,
    StartsADayLate: stage_checks.payments_show_what_is_open,
    FindsOnlyOne: stage_checks.doubled_and_late_effects_are_seen,
    FindsEverything: stage_checks.only_our_marker_is_found,
    SweepsNothing: stage_checks.a_doubled_invoice_is_swept,
    AsksTooOften: stage_checks.an_idle_look_is_cheap,
}
"""Each flaw that shows only there."""


def broken_copy(subject: Subject, kind: type[Copy]) -> Subject:
    """A system's connector, each connection of it with that flaw."""

    def connect(settings: Any, transport: httpx.BaseTransport, sleep: Callable[[float], None]) -> Copy:
        return kind(subject.module.connect(settings, transport, sleep))

    module: Any = SimpleNamespace(Settings=subject.module.Settings, connect=connect)
    return replace(subject, module=module)


def broken_world(world: World, kind: type[Copy]) -> World:
    """A system at its stage, each connection to it with that flaw."""
    return replace(world, connect=lambda stage, **changes: kind(world.connect(stage, **changes)))
