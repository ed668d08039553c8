"""The command line and the interface on a business of the stage."""

import pytest

from desk.web.access import Role
from tests.desk.interface import JOB, Interface
from tests.flows.business import CLIENT
from tests.flows.conftest import business, flow_stage

__all__ = ["business", "flow_stage"]


@pytest.fixture
def owner(api: Interface) -> dict[str, str]:
    """A program that may do everything, and has told of a customer."""
    token = api.token("owner", {CLIENT: Role.OWNER})
    assert api.post(f"customers/{CLIENT}", token, JOB["customer"], "c-1").status_code == 201
    return token
