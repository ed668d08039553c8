"""How the rules' own types are kept in JSON columns and read back."""

from typing import Any

from pydantic import TypeAdapter

from billing.contracts import Contract
from billing.dunning import Reason
from billing.dunning_costs import Costs
from billing.dunning_facts import Facts
from billing.dunning_policy import Policy
from billing.invoices import Draft
from billing.jobs import Job
from billing.parties import Customer
from billing.work_entries import WorkEntry
from ledger.tables import Json

CUSTOMER: TypeAdapter[Customer] = TypeAdapter(Customer)
JOB: TypeAdapter[Job] = TypeAdapter(Job)
DRAFT: TypeAdapter[Draft] = TypeAdapter(Draft)
FACTS: TypeAdapter[Facts] = TypeAdapter(Facts)
POLICY: TypeAdapter[Policy] = TypeAdapter(Policy)
REASON: TypeAdapter[Reason] = TypeAdapter(Reason)
COSTS: TypeAdapter[Costs] = TypeAdapter(Costs)
CONTRACT: TypeAdapter[Contract] = TypeAdapter(Contract)
WORK_ENTRY: TypeAdapter[WorkEntry] = TypeAdapter(WorkEntry)


def pack(adapter: TypeAdapter[Any], value: Any) -> Json:
    """The value as JSON: decimals as text, days and instants in ISO 8601."""
    packed: Json = adapter.dump_python(value, mode="json")
    return packed
