"""Contracts as they stand today, with what people want to read of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.contracts import Contract, Phase, Plan, Stage, Terms, monthly_value, next_on, phase, stage_on
from config.client import Client
from desk import contract_words
from desk.web.access import Desk, NotFound
from desk.words import Saying
from flows.chain import contracts as chain
from ledger import clientele, contracts
from ledger.contract_tables import ContractRow
from ledger.database import Transaction

COLOURS = {
    Phase.AHEAD: "gestundet", Phase.TRIAL: "gehalten", Phase.RUNNING: "bezahlt", Phase.ENDING: "offen",
    Phase.ENDED: "storniert",
}  # fmt: skip
"""Which stand of an invoice has the colour of a phase."""


@dataclass(frozen=True, slots=True)
class Line:
    """One contract as it stands today; `name` is the customer's, None while nobody knows him."""

    row: ContractRow
    contract: Contract
    name: str | None
    terms: Terms
    today: date

    @property
    def stage(self) -> Stage:
        """What he has now."""
        return stage_on(self.contract, self.today)

    @property
    def plan(self) -> Plan | None:
        """Its plan; None for one that is not in the client's file any more, or has another period there."""
        plan, stage = self.terms.plans.get(self.stage.plan), self.stage
        is_same = plan is not None and (stage.price is not None or plan.cycle_months == stage.cycle_months)
        return plan if is_same else None

    @property
    def title(self) -> str:
        """How people call the plan."""
        return self.plan.title if self.plan else self.stage.plan

    @property
    def standing(self) -> Saying:
        """Where it stands."""
        return contract_words.standing(self.contract, self.today)

    @property
    def colour(self) -> str:
        """The colour of where it stands."""
        return COLOURS[phase(self.contract, self.today)]

    @property
    def next_on(self) -> date | None:
        """When it is billed next."""
        return next_on(self.contract, contracts.billed_of(self.row), self.terms)

    @property
    def monthly(self) -> Decimal:
        """What it brings in a month, net."""
        return monthly_value(self.contract, self.terms, self.today) if self.plan else Decimal("0.00")

    @property
    def address(self) -> str:
        """Where its page is."""
        return address(self.row.client, self.row.number)

    def price(self, stage: Stage) -> Decimal | None:
        """What a piece costs per period from the stage's day on; None where nobody knows."""
        plan = self.terms.plans.get(stage.plan)
        return plan.price_on(max(stage.since, self.today)) if plan and stage.price is None else stage.price

    def title_of(self, stage: Stage) -> str:
        """How people call a stage's plan."""
        plan = self.terms.plans.get(stage.plan)
        return plan.title if plan else stage.plan


def address(client: str, number: str) -> str:
    """Where a contract's page is; what may be its number may stand in a path."""
    return f"/vertraege/{client}/{number}"


def lines_of(desk: Desk, session: Transaction, found: Sequence[ContractRow]) -> Iterator[Line]:
    """These contracts with their customers' names, in a few queries for all of them."""
    today = desk.clock.today()
    known = {client: _known(desk, session, client, found) for client in {row.client for row in found}}
    for row in found:
        terms, names = known[row.client]
        yield Line(row, contracts.contract_of(row), names.get(row.customer_key), terms, today)


def contracts_of(desk: Desk, client: str, key: str) -> list[Line]:
    """A customer's contracts; none where the client bills no contracts."""
    if desk.house.client(client).config.contracts is None:
        return []
    with desk.house.ledger.reading() as session:
        return list(lines_of(desk, session, contracts.of_customer(session, client, key)))


def line_of(desk: Desk, session: Transaction, client: str, number: str) -> Line:
    """One contract. Raises `NotFound`."""
    row = contracts.find(session, client, number)
    if row is None:
        raise NotFound
    return next(lines_of(desk, session, [row]))


def config_of(desk: Desk, client: str) -> Client:
    """The client's file. Raises `NothingToDecide` if it bills no contracts."""
    config = desk.house.client(client).config
    chain.section_of(config)
    return config


def _known(
    desk: Desk, session: Transaction, client: str, found: Sequence[ContractRow]
) -> tuple[Terms, Mapping[str, str]]:
    keys = {row.customer_key for row in found if row.client == client}
    return chain.terms_for(config_of(desk, client), None), clientele.names(session, client, keys)
