"""Limits and determinism: what nobody would post is refused early; two processes print the same bytes."""

import gc
import hashlib
import os
import subprocess
import sys
import time
import warnings
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from billing.jobs import Line
from documents.errors import AddressTooLong, TooLarge
from documents.fonts import covered
from documents.invoice import invoice_paper
from documents.letter import address_lines, is_crowded
from documents.look import Look
from documents.samples import CONSUMER, SELLER, invoice
from tests.documents.conftest import case

ROOT = Path(__file__).resolve().parents[2]
PRINTING = """
import hashlib, sys
from documents.cases import cases
for name in sys.argv[1:]:
    print(hashlib.sha256(cases()[name].paper().pdf).hexdigest())
"""


def test_fonts_are_closed_after_reading() -> None:
    """No font file is left to the garbage collector: a finaliser in the middle of an import harms that import."""
    covered.cache_clear()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        assert "ß" in covered()
        gc.collect()
    assert not caught


def test_endless_descriptions_are_refused_at_once() -> None:
    """120 lines of 60 rows of text each, which took half a minute, are refused in a moment."""
    lines = tuple(
        Line(f"Raum {at}", Decimal(1), "Stück", Decimal(10), Decimal(19), description="Text\n" * 60)
        for at in range(120)
    )
    made = invoice("RE-1", CONSUMER, lines)
    began = time.process_time()
    with pytest.raises(TooLarge) as caught:
        invoice_paper(made, SELLER, Look())
    assert time.process_time() - began < 5
    assert caught.value.found > caught.value.limit == 2000


def test_one_endless_word_is_refused() -> None:
    """A single text of many kilobytes counts by the lines it would fill."""
    lines = (Line("x" * 200_000, Decimal(1), "Stück", Decimal(10), Decimal(19)),)
    with pytest.raises(TooLarge):
        invoice_paper(invoice("RE-1", CONSUMER, lines), SELLER, Look())


def test_long_but_honest_invoices_pass() -> None:
    """Sixty lines with descriptions are no problem."""
    assert case("sechzig-positionen").pdf.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("name", "crowded"),
    [("Eva Sommer", False), ("Immobilien- und Hausverwaltungsgesellschaft Sonnenhügel mbH & Co. KG " * 2, True)],
)
def test_long_addresses_get_small_print(name: str, crowded: bool) -> None:
    """A recipient that would leave the window is printed smaller, never cut."""
    assert is_crowded(address_lines(replace(CONSUMER, name=name))) is crowded


@pytest.mark.parametrize("name", ["Gesellschaft für Angewandte Langnamenforschung " * 7, "W" * 60])
def test_addresses_beyond_the_window_are_refused(name: str) -> None:
    """A recipient that fits in no size is an error that names it, before anything is sent."""
    made = invoice("RE-1", replace(CONSUMER, name=name), (Line("Farbe", Decimal(1), "", Decimal(5), Decimal(19)),))
    with pytest.raises(AddressTooLong, match=name[:20]):
        invoice_paper(made, SELLER, Look())


def test_what_is_loaded_is_set_aside_once_a_page_is_printed() -> None:
    """Later collections need not look at the whole program, whichever process prints."""
    assert case("sechzig-positionen").pdf
    assert gc.get_freeze_count() > 50_000


def test_two_processes_print_the_same_bytes() -> None:
    """Invoice, letter and English paper come out alike in processes that hash and start differently."""
    names = ("skonto-rabatt", "mahnung-englisch")
    runs = []
    for seed in ("1", "2"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C",
            "TZ": f"UTC+{seed}",
        }
        command = [sys.executable, "-c", PRINTING, *(names if seed == "1" else names[::-1])]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
        runs.append(done.stdout.split())
    here = [hashlib.sha256(case(name).pdf).hexdigest() for name in names]
    assert runs[0] == runs[1][::-1] == here
