"""What hangs on a client besides his accounting: mailbox, times, filing, board; a connection or a folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from config.loading import LoadedClient, beside
from connectors.file_tree import FileTree
from connectors.mail_folder import MailFolder
from connectors.protocols import Filing, Mailbox, TaskBoard, TimeSource
from connectors.times_csv import TimesFolder

Systems = dict[str, Any]
"""A client's connections by name."""

Place = TypeVar("Place")


class Named(Protocol):
    """A section of the client's file that names a folder or a connection."""

    @property
    def folder(self) -> str | None:
        """Beside the client's file."""

    @property
    def system(self) -> str | None:
        """By its name in the client's file."""


def mailbox_of(loaded: LoadedClient, systems: Systems) -> Mailbox | None:
    """Where the client's answers arrive."""
    return _place(loaded, loaded.config.mailbox, MailFolder, systems)


def times_of(loaded: LoadedClient, systems: Systems) -> TimeSource | None:
    """Where work is recorded; None where it is only handed in."""
    return _place(loaded, loaded.config.times, TimesFolder, systems)


def filing_of(loaded: LoadedClient, systems: Systems) -> Filing | None:
    """Where copies of the client's documents go."""
    return _place(loaded, loaded.config.filing, FileTree, systems)


def board_of(loaded: LoadedClient, systems: Systems) -> TaskBoard | None:
    """Where the client's tasks are shown too."""
    section = loaded.config.task_board
    if section is None:
        return None
    board: TaskBoard = systems[section.system]
    return board


def _place(
    loaded: LoadedClient, section: Named | None, in_folder: Callable[[Path], Place], systems: Systems
) -> Place | None:
    if section is None:
        return None
    if folder := beside(loaded, section.folder):
        return in_folder(folder)
    return systems[section.system] if section.system else None
