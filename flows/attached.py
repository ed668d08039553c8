"""What hangs on a client besides his accounting: mailbox, times, filing, board; a connection or a folder."""

from typing import Any

from config.loading import LoadedClient, beside
from connectors.file_tree import FileTree
from connectors.mail_folder import MailFolder
from connectors.protocols import Filing, Mailbox, TaskBoard, TimeSource
from connectors.times_csv import TimesFolder

Systems = dict[str, Any]
"""A client's connections by name."""


def mailbox_of(loaded: LoadedClient, systems: Systems) -> Mailbox | None:
    """Where the client's answers arrive."""
    section = loaded.config.mailbox
    if section is None:
        return None
    folder = beside(loaded, section.folder)
    mailbox: Mailbox = MailFolder(folder) if folder else systems[section.system or ""]
    return mailbox


def times_of(loaded: LoadedClient, systems: Systems) -> TimeSource | None:
    """Where work is recorded; None where it is only handed in."""
    section = loaded.config.times
    if section is None or not (section.folder or section.system):
        return None
    folder = beside(loaded, section.folder)
    source: TimeSource = TimesFolder(folder) if folder else systems[section.system or ""]
    return source


def filing_of(loaded: LoadedClient, systems: Systems) -> Filing | None:
    """Where copies of the client's documents go."""
    section = loaded.config.filing
    if section is None:
        return None
    folder = beside(loaded, section.folder)
    filing: Filing = FileTree(folder) if folder else systems[section.system or ""]
    return filing


def board_of(loaded: LoadedClient, systems: Systems) -> TaskBoard | None:
    """Where the client's tasks are shown too."""
    section = loaded.config.task_board
    if section is None:
        return None
    board: TaskBoard = systems[section.system]
    return board
