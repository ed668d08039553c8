"""The filing over WebDAV and in a folder, and the task board over CalDAV: their quirks."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors import caldav, webdav
from connectors.errors import CannotExpress, Conflict, Unavailable, UnexpectedAnswer
from connectors.file_tree import FileTree
from sandbox.dav import FILES, PASSWORD, TASKS, USERNAME, Cloud, cloud
from tests.connectors.conformance.dav_checks import CARD, CONTENT, PATH


@pytest.fixture
def far() -> Iterator[Cloud]:
    """A cloud on this machine."""
    with cloud() as found:
        yield found


@pytest.fixture
def filing(far: Cloud) -> Iterator[webdav.WebDav]:
    """A connection to its folder."""
    given = {"url": far.url + FILES, "username": USERNAME, "password": PASSWORD}
    with closing(webdav.connect(webdav.Settings.model_validate(given))) as connected:
        yield connected


@pytest.fixture
def board(far: Cloud) -> Iterator[caldav.CalDav]:
    """A connection to its task list, whose address a person copied with a slash at its end."""
    given = {"url": f"{far.url}{TASKS}/", "username": USERNAME, "password": PASSWORD}
    with closing(caldav.connect(caldav.Settings.model_validate(given))) as connected:
        yield connected


def test_folders_come_into_being_as_needed(far: Cloud, filing: webdav.WebDav) -> None:
    """The first document of a month makes its folders, the next needs two requests."""
    filing.file(PATH, CONTENT)
    assert far.files == {f"{FILES}/{PATH}": CONTENT}
    before = len(far.seen)
    filing.file(PATH.replace("RE-1", "RE-2"), CONTENT)
    assert [asked.split()[0] for asked in far.seen[before:]] == ["GET", "PUT"]


def test_nothing_over_there_is_overwritten(far: Cloud, filing: webdav.WebDav) -> None:
    """Another file of that name stays as it is, whatever we would put there."""
    filing.file(PATH, CONTENT)
    with pytest.raises(Conflict, match="schon etwas anderes"):
        filing.file(PATH, b"anders")
    assert far.files[f"{FILES}/{PATH}"] == CONTENT


@pytest.mark.parametrize("path", ["/etc/passwd", "../oben.pdf", "2026/../../oben.pdf"])
def test_no_path_leads_out(far: Cloud, filing: webdav.WebDav, tmp_path: Path, path: str) -> None:
    """A path that leaves the folder is refused before the first request or byte."""
    places: tuple[Any, ...] = (filing, FileTree(tmp_path))
    for place in places:
        with pytest.raises(CannotExpress):
            place.file(path, CONTENT)
    assert far.seen == []


def test_a_folder_of_this_machine_takes_files_whole(tmp_path: Path) -> None:
    """A file is there whole or not at all; a missing folder and one that is full are tried again later."""
    tree = FileTree(tmp_path)
    tree.file(PATH, CONTENT)
    tree.file(PATH, CONTENT)
    assert [path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()] == [CONTENT]
    with pytest.raises(Conflict):
        tree.file(PATH, b"anders")
    with pytest.raises(Unavailable, match="Der Ordner der Ablage fehlt"):
        FileTree(tmp_path / "weg").file(PATH, CONTENT)
    (tmp_path / "2027").write_text("im Weg", "utf-8")
    with pytest.raises(Unavailable, match="lässt sich nicht schreiben"):
        tree.file(PATH.replace("2026/", "2027/"), CONTENT)


def test_a_task_can_be_read_by_any_program(far: Cloud, board: caldav.CalDav) -> None:
    """Long texts are folded without cutting a letter, separators escaped, and a finished task is ticked."""
    board.show(CARD)
    (content,) = far.files.values()
    unfolded = content.decode().replace("\r\n ", "").split("\r\n")
    assert "SUMMARY:Rechnung 4711\\; bei Müller\\, Söhne & Co. nachfassen" in unfolded
    assert "DUE;VALUE=DATE:20261120" in unfolded
    assert any("249\\,89 €.\\nFällig" in line for line in unfolded)
    assert board.ticked() == []
    board.show(replace(CARD, is_done=True))
    assert board.ticked() == [CARD.uid]


def test_who_ticks_on_the_phone_is_heard(far: Cloud, board: caldav.CalDav) -> None:
    """What somebody ticks off there is read in one request, whoever put it up."""
    board.show(CARD)
    board.show(replace(CARD, uid="rb-4712"))
    far.tick("rb-4712")
    before = len(far.seen)
    assert board.ticked() == ["rb-4712"]
    assert len(far.seen) == before + 1


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>Wartung</html>", b"<!DOCTYPE x [<!ENTITY e 'x'>]><x>&e;</x>", b'<d:x xmlns:d="DAV:"/>', b"\xff\xfe"],
)
def test_an_odd_answer_is_no_empty_list(answer: bytes) -> None:
    """Whatever is no multistatus is named, never taken for a list in which nothing was ticked."""
    with pytest.raises(UnexpectedAnswer):
        caldav.ticked_in(answer)


def test_settings_refuse_what_cannot_work() -> None:
    """An address without encryption and a name with a colon are named before the first request."""
    for wrong in ({"url": "http://wolke.example/dav"}, {"username": "a:b"}):
        given = {"url": "https://wolke.example/dav", "username": "buero", "password": "x"} | wrong
        with pytest.raises(ValidationError):
            webdav.Settings.model_validate(given)
