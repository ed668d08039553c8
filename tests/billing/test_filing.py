"""Names under which documents are filed."""

from datetime import date
from pathlib import PurePosixPath

import pytest

from billing.filing import filed_as

DAY = date(2026, 11, 2)


def test_a_path_is_readable() -> None:
    """Year, month, day, what it is, number and customer: people find it without a program."""
    path = filed_as(DAY, "Rechnung", "RE-1001", "Bäckerei Özdemir GmbH", ".pdf")
    assert path == "2026/11/2026-11-02 Rechnung RE-1001 Bäckerei Özdemir GmbH.pdf"


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "A/B\\C",
        "Müller & Co. ",
        "CON: <x>|?*",
        "a\n\tb\u202eex",
        "x" * 300,
        "",
        ".",
        "Mu\u0308ller",
    ],
)
def test_a_name_from_outside_stays_a_name(name: str) -> None:
    """Whatever a customer is called: the file lies in its month, under a name that every system takes."""
    path = filed_as(DAY, "Rechnung", f"RE/{name}", name, ".pdf")
    parts = PurePosixPath(path).parts
    assert parts[:2] == ("2026", "11")
    assert len(parts) == 3, path
    assert not set(parts[2]) & set('\\/:*?"<>|\n\t\u202e'), path
    assert parts[2].endswith(".pdf")
    assert not parts[2].removesuffix(".pdf").endswith((" ", ".")), path
