"""Printing ahead in other processes: the same papers, the same refusals, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from billing.einvoice_duty import Form
from billing.jobs import Line
from documents.errors import MissingGlyph
from documents.invoice import invoice_paper
from documents.look import Look
from documents.press_room import Order, PressRoom
from documents.samples import BUILDER, SELLER, invoice

ROOT = Path(__file__).resolve().parents[2]
LINES = (Line("Wände streichen", Decimal("61.75"), "m²", Decimal("7.45"), Decimal(19)),)
SOUND = Order(invoice("RE-1", BUILDER, LINES), SELLER, Look(), Form.ZUGFERD)
UNPRINTABLE = replace(SOUND, invoice=invoice("RE-2", replace(BUILDER, name="Bäckerei 麵包"), LINES))
LEFT_ALONE = """
import time
from documents.press_room import PressRoom
from tests.documents.test_press_room import SOUND

if __name__ == "__main__":
    room = PressRoom(1)
    room.begin(1, SOUND)
    room.printed(1, SOUND)
    print(*room.pids, flush=True)
    time.sleep(600)
"""
PRINTS_AND_ENDS = """
from documents.invoice import invoice_paper
from documents.press_room import PressRoom
from tests.documents.test_press_room import SOUND

if __name__ == "__main__":
    room = PressRoom(1)
    room.begin(1, SOUND)
    room.printed(1, SOUND)
    room.close()
    invoice_paper(SOUND.invoice, SOUND.seller, SOUND.look, SOUND.form)
"""


@pytest.fixture(scope="module")
def room() -> Iterator[PressRoom]:
    """A press room of one process."""
    opened = PressRoom(1)
    yield opened
    opened.close()


def test_ahead_gives_the_same_bytes(room: PressRoom) -> None:
    """A paper printed ahead is byte for byte the one that is printed here."""
    room.begin(1, SOUND)

    assert room.printed(1, SOUND) == invoice_paper(SOUND.invoice, SELLER, Look())
    assert room.pids


def test_another_order_is_printed_anew(room: PressRoom) -> None:
    """What was begun for other facts is not handed out, also under the same key."""
    changed = replace(SOUND, invoice=replace(SOUND.invoice, number="RE-9"))
    room.begin(2, SOUND)

    assert "RE-9" in room.printed(2, changed).file_name


def test_a_refusal_is_raised_where_the_paper_is_wanted(room: PressRoom) -> None:
    """A character that no font has is told by name, as without a press room."""
    room.begin(3, UNPRINTABLE)

    with pytest.raises(MissingGlyph, match="麵"):
        room.printed(3, UNPRINTABLE)


def test_a_dead_process_costs_no_paper(room: PressRoom) -> None:
    """When the printing process is killed, the paper is printed here and a new process takes later orders."""
    room.begin(4, SOUND)
    room.printed(4, SOUND)
    for pid in room.pids:
        os.kill(pid, signal.SIGKILL)
    room.begin(5, SOUND)

    assert room.printed(5, SOUND).pdf.startswith(b"%PDF")
    room.begin(6, SOUND)
    assert room.printed(6, SOUND).pdf.startswith(b"%PDF")


def test_the_process_ends_with_its_parent(tmp_path: Path) -> None:
    """After SIGKILL of the parent no printing process is left."""
    script = tmp_path / "left_alone.py"
    script.write_text(LEFT_ALONE, "utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, script], env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        parent.kill()

    assert pids
    assert all(_is_gone(pid) for pid in pids)


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path) -> None:
    """The layout engine's copies of the fonts go with the process that printed, here as in the press room."""
    script, temporary = tmp_path / "prints.py", tmp_path / "temporary"
    script.write_text(PRINTS_AND_ENDS, "utf-8")
    temporary.mkdir()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    subprocess.run([sys.executable, script], env=environment, check=True)

    assert [path.name for path in temporary.iterdir()] == []


def _is_gone(pid: int) -> bool:
    for _ in range(200):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False
