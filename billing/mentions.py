"""Finding invoice numbers in what customers and banks make of them: case, separators, line breaks, lost prefixes.

The runs of a text are put together again and looked up among the known numbers. So a number is never found inside a
longer one, and the cost depends on the text, not on how many invoices are open.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from billing.names import folded
from billing.runs import (
    BREAK,
    CUSTOMER_WORDS,
    PATTERN,
    Run,
    begins_well,
    compact,
    creditor_reference,
    is_introduced,
    may_join,
    mended,
    references_in,
    runs_of,
    stands_in_amount_or_date,
)

CONTINUING = frozenset({",", ";", "+", "&", "/"})
LONGEST_MENTION = 8
LONGEST_CUSTOMER = 4
PLAUSIBLE_BARE_DIGITS = 6
TELLING_DIGITS = 3


class Strength(IntEnum):
    """How sure a mention is: the whole number, a part of it that fits only one invoice, or a guess."""

    WEAK = 1
    PARTIAL = 2
    FULL = 3


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a text names: invoices, customers, what looks like a number of ours but is none we know, other digits."""

    invoices: dict[str, Strength]
    customers: frozenset[str]
    unknown: tuple[str, ...]
    digits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A mention in the runs `first` to `after` (exclusive)."""

    first: int
    after: int
    number: str
    strength: Strength


class NumberIndex:
    """Known invoice and customer numbers, prepared for looking up. Built once for many texts; never changes."""

    def __init__(self, numbers: Iterable[str], customer_numbers: Iterable[str] = ()) -> None:
        self._runs = {number: tuple(PATTERN.findall(folded(number))) for number in numbers}
        self._whole: dict[str, set[str]] = defaultdict(set)
        self._without_zeros: dict[str, set[str]] = defaultdict(set)
        self._digits: dict[str, set[str]] = defaultdict(set)
        self._tails: dict[str, set[str]] = defaultdict(set)
        self._longest_tail: dict[tuple[str, ...], int] = defaultdict(int)
        for number, runs in self._runs.items():
            self._learn(number, runs)
        self._prefixes = frozenset(runs[0] for runs in self._runs.values() if runs and not runs[0].isdigit())
        self._customers = {compact(number): number for number in customer_numbers if number}
        self._references = {creditor_reference(number): number for number in self._runs}

    def _learn(self, number: str, runs: tuple[str, ...]) -> None:
        self._whole["".join(runs)].add(number)
        if not runs or not runs[-1].isdigit():
            return
        tail = runs[-1].lstrip("0")
        self._without_zeros["".join(runs[:-1]) + tail].add(number)
        self._digits["".join(run for run in runs if run.isdigit())].add(number)
        self._tails[tail].add(number)
        self._longest_tail[runs[:-1]] = max(self._longest_tail[runs[:-1]], len(runs[-1]))

    def by_reference(self, reference: str) -> str:
        """The invoice whose structured reference (RF…) this is; empty if none."""
        compacted = "".join(reference.upper().split())
        return self._references.get(compacted, "") if compacted else ""

    def find(self, text: str) -> Mentions:
        """All mentions in a text. A number that can be read in two ways, or only by changing letters, is weak."""
        runs = runs_of(text, self._prefixes)
        found = list(self._scan(text, runs))
        invoices: dict[str, Strength] = {}
        for each in found:
            invoices[each.number] = max(each.strength, invoices.get(each.number, Strength.WEAK))
        for number in self._mended(text):
            invoices.setdefault(number, Strength.WEAK)
        for reference in references_in(text):
            if number := self.by_reference(reference):
                invoices[number] = Strength.FULL
        rest = self._unexplained(text, runs, found)
        unknown = tuple(run for run, looks_ours in rest if looks_ours)
        digits = tuple(run for run, looks_ours in rest if not looks_ours)
        return Mentions(invoices, self._customers_in(runs), unknown, digits)

    def _mended(self, text: str) -> Iterator[str]:
        changed = mended(text)
        if changed != text:
            yield from (found.number for found in self._scan(changed, runs_of(changed, self._prefixes)))

    def _scan(self, text: str, runs: list[Run]) -> Iterator[_Found]:
        place = 0
        while place < len(runs):
            found = self._at(text, runs, place)
            yield from found
            if len(found) == 1:
                place = found[0].after
                for each in self._continued(text, runs, place, found[0].number):
                    place = each.after
                    yield each
            else:
                place = max((each.after for each in found), default=place + 1)

    def _at(self, text: str, runs: list[Run], place: int) -> list[_Found]:
        """The readings of the runs that begin at one place; if there are several, all of them are weak."""
        if stands_in_amount_or_date(text, runs[place]):
            return []
        found: dict[str, _Found] = {}
        for each in (*self._whole_at(text, runs, place), *self._partial_at(text, runs, place)):
            found.setdefault(each.number, each)
        if len(found) > 1:
            return [_Found(each.first, each.after, each.number, Strength.WEAK) for each in found.values()]
        return list(found.values())

    def _joined(self, text: str, runs: list[Run], place: int) -> Iterator[tuple[int, str]]:
        """The runs from one place on, put together one by one as far as they may belong to one number."""
        joined = ""
        for after in range(place, min(place + LONGEST_MENTION, len(runs))):
            run = runs[after]
            if (after > place and not may_join(runs[after - 1], run)) or stands_in_amount_or_date(text, run):
                return
            joined += run.text
            yield after + 1, joined

    def _whole_at(self, text: str, runs: list[Run], place: int) -> Iterator[_Found]:
        for after, joined in self._joined(text, runs, place):
            for number in self._whole.get(joined, ()):
                strength = self._strength(text, runs, place, after, number)
                if strength:
                    yield _Found(place, after, number, strength)

    def _strength(self, text: str, runs: list[Run], first: int, after: int, number: str) -> Strength | None:
        is_broken = _is_broken(runs[first:after], self._runs[number])
        if is_broken is None:
            return None
        if not self._is_bounded(text, runs, first, after, number):
            return Strength.WEAK
        if runs[first].is_digits and not is_introduced(runs, first):
            # A number without letters could be anything; six digits and more are at least no house number.
            return Strength.PARTIAL if len(compact(number)) >= PLAUSIBLE_BARE_DIGITS else Strength.WEAK
        return Strength.PARTIAL if is_broken else Strength.FULL

    def _partial_at(self, text: str, runs: list[Run], place: int) -> Iterator[_Found]:
        """The number without its prefix after a word such as Rechnung, or without its leading zeros."""
        if runs[place].is_digits and not is_introduced(runs, place):
            return
        for after, joined in self._joined(text, runs, place):
            numbers = self._shortened(runs[place:after], joined)
            for number in sorted(numbers):
                is_sure = len(numbers) == 1 and self._is_bounded(text, runs, place, after, number)
                yield _Found(place, after, number, Strength.PARTIAL if is_sure else Strength.WEAK)

    def _shortened(self, runs: list[Run], joined: str) -> set[str]:
        if runs[0].is_digits:
            tails = self._tails.get(joined.lstrip("0"), set()) if len(runs) == 1 else set()
            return tails | self._digits.get(joined, set())
        last = runs[-1].text
        if len(runs) < 2 or not last.isdigit() or last.startswith("0"):
            return set()
        stem = "".join(run.text for run in runs[:-1])
        return {
            number
            for number in self._without_zeros.get(joined, ())
            if "".join(self._runs[number][:-1]) == stem and compact(number) != joined
        }

    def _continued(self, text: str, runs: list[Run], place: int, number: str) -> Iterator[_Found]:
        """Further tails after a number, as in RE-2026-0147, 0148 und 0149."""
        while place < len(runs):
            is_worded = runs[place].text in {"UND", "U"} and place + 1 < len(runs)
            run = runs[place + is_worded]
            tails = self._tails_like(number, run.text)
            is_listed = is_worded or run.gap.strip() in CONTINUING
            if not is_listed or len(tails) != 1 or stands_in_amount_or_date(text, run):
                return
            place += is_worded + 1
            is_sure = self._ends_well(text, runs, place, tails[0])
            yield _Found(place - 1, place, tails[0], Strength.PARTIAL if is_sure else Strength.WEAK)

    def _is_bounded(self, text: str, runs: list[Run], first: int, after: int, number: str) -> bool:
        return begins_well(runs, first) and self._ends_well(text, runs, after, number)

    def _ends_well(self, text: str, runs: list[Run], after: int, number: str) -> bool:
        """Whether the number surely ends here: what follows neither continues it nor makes it part of another."""
        if after == len(runs):
            return True
        following = runs[after]
        if not following.is_digits:
            return len(following.text) > 1 or following.gap not in {"", "-", "/", "_", "."}
        if following.gap.isspace():
            return self._is_something_else(text, runs[after], number)
        if following.gap in {"/", ","}:
            return bool(self._tails_like(number, following.text)) or stands_in_amount_or_date(text, following)
        return following.gap not in {"", "-", "_", ".", ":", "–"}

    def _is_something_else(self, text: str, following: Run, number: str) -> bool:
        """Digits after a blank may be the number's own, torn off by the bank, unless they are clearly no part of it."""
        own = self._runs[number]
        if stands_in_amount_or_date(text, following) or not own[-1].isdigit():
            return True
        if following.text in self._customers or self._tails_like(number, following.text):
            return True
        return len(own[-1]) + len(following.text) > self._longest_tail[own[:-1]] + 1

    def _tails_like(self, number: str, digits: str) -> list[str]:
        """The numbers of the same kind that end in these digits, written in full length."""
        own = self._runs[number]
        same = self._tails.get(digits.lstrip("0"), ()) if digits.isdigit() else ()
        return [each for each in same if self._runs[each] == (*own[:-1], digits)]

    def _customers_in(self, runs: list[Run]) -> frozenset[str]:
        found = set()
        for place in range(len(runs)):
            for number in self._customers_at(runs, place):
                if not compact(number).isdigit() or is_introduced(runs, place, CUSTOMER_WORDS):
                    found.add(number)
        return frozenset(found)

    def _customers_at(self, runs: list[Run], place: int) -> Iterator[str]:
        joined = ""
        for after in range(place, min(place + LONGEST_CUSTOMER, len(runs))):
            if after > place and not may_join(runs[after - 1], runs[after]):
                return
            joined += runs[after].text
            if joined in self._customers:
                yield self._customers[joined]

    def _unexplained(self, text: str, runs: list[Run], found: Sequence[_Found]) -> list[tuple[str, bool]]:
        """Digits that belong to no mention, amount, date or customer, and whether they look like a number of ours."""
        explained = {place for each in found for place in range(each.first, each.after)}
        rest = []
        for place, run in enumerate(runs):
            if place in explained or not run.is_digits or stands_in_amount_or_date(text, run):
                continue
            before = runs[place - 1].text if place else ""
            if run.text in self._customers or before + run.text in self._customers:
                continue
            looks_ours = before in self._prefixes or is_introduced(runs, place)
            if looks_ours or len(run.text) >= TELLING_DIGITS:
                rest.append((f"{before} {run.text}".strip(), looks_ours))
        return rest


def _is_broken(found: Sequence[Run], canonical: Sequence[str]) -> bool | None:
    """Whether white space tore a run of the number apart; None if anything else did, which no bank does."""
    ends, length = set(), 0
    for part in canonical:
        length += len(part)
        ends.add(length)
    is_broken, length = False, 0
    for before, run in zip(found, found[1:], strict=False):
        length += len(before.text)
        if length in ends:
            continue
        if not BREAK.fullmatch(run.gap):
            return None
        is_broken = True
    return is_broken
