"""Stages for the tests: real processes, spoken to over real HTTP and SMTP."""

from collections.abc import Iterator

import pytest

from tests.sandbox.agency import Desk
from tests.sandbox.running import Json, Stage, line, running


@pytest.fixture(scope="session")
def empty_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An empty organisation without rate limit, for all modules."""
    with running(tmp_path_factory.mktemp("stage") / "folder", "--world", "leer", "--rate", "0") as stage:
        yield stage


@pytest.fixture
def stage(empty_stage: Stage) -> Stage:
    """The empty organisation, put back to its start, its lists without lag."""
    empty_stage.control("reset", {})
    empty_stage.control("index-lag", {"seconds": 0})
    return empty_stage


@pytest.fixture(scope="module")
def painter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The painter's business without rate limit, for one module."""
    with running(tmp_path_factory.mktemp("stage") / "folder", "--rate", "0") as stage:
        stage.control("index-lag", {"seconds": 0})
        yield stage


@pytest.fixture
def invoice_body() -> Json:
    """A complete request for a one-time customer: two hours at 80 EUR net, 19 %."""
    return {
        "voucherDate": "2026-11-02T00:00:00.000+01:00",
        "address": {
            "name": "Erika Beispiel",
            "street": "Weg 1",
            "zip": "79100",
            "city": "Freiburg",
            "countryCode": "DE",
        },
        "lineItems": [line(2, 80)],
        "totalPrice": {"currency": "EUR"},
        "taxConditions": {"taxType": "net"},
        "shippingConditions": {"shippingType": "service", "shippingDate": "2026-11-01T00:00:00.000+01:00"},
        "remark": "Ihr Zeichen: A-17",
    }


@pytest.fixture(scope="session")
def empty_desk(empty_stage: Stage) -> Iterator[Desk]:
    """The sevDesk account of the empty stage, for all modules."""
    with Desk(empty_stage) as desk:
        yield desk


@pytest.fixture
def desk(empty_desk: Desk) -> Desk:
    """The empty sevDesk account, put back to its start."""
    empty_desk.stage.control("reset", {})
    return empty_desk


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The web agency beside the painter, without rate limit, for one module."""
    worlds = ("--world", "malerbetrieb,webagentur")
    with running(tmp_path_factory.mktemp("stage") / "folder", *worlds, "--rate", "0") as stage, Desk(stage) as desk:
        yield desk
