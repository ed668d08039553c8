"""Incoming mail as files: a folder of .eml, as mail programs and servers put them down."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from connectors.errors import NotFound
from connectors.mail_reading import LARGEST_MAIL
from connectors.protocols import MailPlace, ReceivedMail

NOWHERE = MailPlace("folder", 0)
"""Files have no numbers: all are given every time, and whoever reads knows which he has read."""


class MailFolder:
    """All .eml files of a folder; they are read where they lie and stay there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __repr__(self) -> str:
        return f"MailFolder({self._folder.name})"

    def arrivals(self, after: MailPlace | None, since: date) -> Iterator[ReceivedMail]:
        """Every mail of the folder, by name; links and devices are none. Raises `NotFound` if there is no folder."""
        if not self._folder.is_dir():
            cure = f"Ordner anlegen oder mailbox.folder ändern: {self._folder}"
            raise NotFound(f"Der Ordner für eingehende Mails fehlt. {cure}", "folder")
        for path in sorted(self._folder.iterdir()):
            if path.suffix.lower() == ".eml" and path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    yield ReceivedMail(NOWHERE, file.read(LARGEST_MAIL))
