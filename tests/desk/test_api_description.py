"""The interface against its own description: whatever fits the description is answered as it says, and nothing breaks.

Schemathesis makes up requests, also wrong ones; it found letters that no database keeps and numbers no column holds.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from desk.web.access import Role
from tests.desk.interface import BASE, Interface, opened
from tests.flows.business import CLIENT, Business

Operation = APIOperation[Any, Any, Any, Any]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 4
OPERATIONS = 32
THERE = {"client": CLIENT, "marker": "RE1001", "kind": "invoice-pdf"}


@pytest.fixture
def api(business: Business) -> Iterator[Interface]:
    """The interface of a business with one invoice."""
    business.finished_job()
    business.run()
    with opened(business) as interface:
        yield interface


def test_the_description_is_open_api(api: Interface) -> None:
    """It names every route in German, the token, and errors as problem+json."""
    reader = api.token("reader", {CLIENT: Role.READER})
    told = api.get("openapi.json", reader)
    assert told["openapi"].startswith("3.")
    operations = [operation for path in told["paths"].values() for operation in path.values()]
    assert len(operations) == OPERATIONS
    assert all(operation["summary"] for operation in operations)
    assert all("application/problem+json" in operation["responses"]["422"]["content"] for operation in operations)


@pytest.mark.slow
def test_no_request_breaks_the_interface(api: Interface) -> None:
    """A few made-up requests to every operation, right and wrong ones: none is a server error or undescribed."""
    owner = api.token("owner", {"*": Role.OWNER})
    schema = schemathesis.openapi.from_dict(api.get("openapi.json", owner))
    schema.app = api.client.app
    tried = [judged(found.ok(), owner) for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(tried) == OPERATIONS


def judged(operation: Operation, owner: dict[str, str]) -> str:
    """Try one operation with requests of both kinds, right ones for what is there; its name."""
    names = [parameter.name for parameter in operation.path_parameters]
    right = operation.as_strategy(path_parameters={name: value for name, value in THERE.items() if name in names})
    wrong = operation.as_strategy(schemathesis.GenerationMode.NEGATIVE)

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=right | wrong)
    def try_out(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(base_url=BASE, headers=owner, checks=CHECKS)

    try_out()
    return operation.label
