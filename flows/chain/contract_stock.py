"""Contracts that run already, as a file names them: all are judged before the first is kept, then kept in batches."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from billing.parties import Customer
from config.client import Client
from connectors.contracts_csv import ContractLine
from flows.chain.contracts import Draft, NewContract, draft_for, section_of
from ledger import clientele, contracts
from ledger.database import Transaction
from ledger.overrides import NothingToDecide, Word

Item = TypeVar("Item")

BATCH = 500
"""So many contracts are asked for or kept at once: other writers get their turn, and no statement grows too long."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A line of the file and the contract as it is to be kept."""

    line: ContractLine
    draft: Draft


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger says of a file: keys by what customers are called, customers by key, numbers by small letters."""

    keys: Mapping[str, str]
    customers: Mapping[str, Customer]
    taken: Mapping[str, Sequence[str]]


def batches(found: Sequence[Item]) -> list[Sequence[Item]]:
    """Lines, or contracts for `keep`, a batch at a time."""
    return [found[start : start + BATCH] for start in range(0, len(found), BATCH)]


def judge(session: Transaction, config: Client, found: Sequence[ContractLine]) -> tuple[list[Judged], list[str]]:
    """Each contract as it would be made, and a German sentence for each that cannot be; nothing is kept."""
    known = _known(session, config, found)
    judged: list[Judged] = []
    wrong: list[str] = []
    seen: dict[str, str] = {}
    for line in found:
        try:
            judged.append(Judged(line, _draft(config, line, known)))
        except NothingToDecide as error:
            wrong.append(f"Vertrag {line.number}: {error}")
        before = seen.get(line.number.lower())
        seen[line.number.lower()] = line.number
        if before:
            other = "" if before == line.number else f", einmal als {before}: bitte eine andere Nummer vergeben"
            wrong.append(f"Vertrag {line.number} steht zweimal in der Datei{other}.")
    return judged, wrong


def keep(session: Transaction, config: Client, found: Sequence[Judged], word: Word, now: datetime) -> int:
    """Make those contracts that there are not yet, and tell of their customers whom nobody knows; how many are new."""
    taken = contracts.like(session, config.name, [each.line.number for each in found])
    fresh = [each for each in found if each.line.number not in taken]
    for each in fresh:
        contracts.must_be_free(each.line.number, taken)
    known = clientele.recipients(session, config.name, {each.draft.customer_key for each in fresh})
    strangers: dict[str, Customer] = {}
    for each in fresh:
        if each.line.recipient and each.draft.customer_key not in known:
            strangers.setdefault(each.line.customer, each.line.recipient)
    clientele.announce_all(session, config.name, strangers, now)
    contracts.add_all(session, config.name, [_new(each.draft) for each in fresh], section_of(config).owner, word, now)
    return len(fresh)


def _known(session: Transaction, config: Client, found: Sequence[ContractLine]) -> Known:
    keys: dict[str, str] = {}
    customers: dict[str, Customer] = {}
    taken: dict[str, list[str]] = defaultdict(list)
    for lines in batches(found):
        some = clientele.keys_of(session, config.name, {line.customer for line in lines})
        keys |= some
        customers |= clientele.recipients(session, config.name, set(some.values()))
        for number in contracts.like(session, config.name, {line.number for line in lines}):
            taken[number.lower()].append(number)
    for line in found:
        if line.recipient:
            customers.setdefault(keys[line.customer], line.recipient)
    return Known(keys, customers, taken)


def _draft(config: Client, line: ContractLine, known: Known) -> Draft:
    key = known.keys[line.customer]
    made = draft_for(config, _new_of(line), key, known.customers.get(key))
    alike = known.taken.get(line.number.lower(), ())
    if line.number not in alike:
        contracts.must_be_free(line.number, alike)
    if line.ends_on is None:
        return made
    contracts.last_day(made.contract, line.ends_on, line.ends_on)
    return replace(made, contract=replace(made.contract, ends_on=line.ends_on))


def _new_of(line: ContractLine) -> NewContract:
    return NewContract(
        line.number, line.customer, line.plan, line.begins_on, line.quantity, line.price,
        billed_until=line.billed_until,
    )  # fmt: skip


def _new(draft: Draft) -> contracts.New:
    return contracts.New(draft.contract, draft.customer_key, draft.billed, draft.terms)
