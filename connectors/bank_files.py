"""Bank files dropped into a folder: CAMT, MT940, CSV, also zipped, with the bank's id for nothing twice.

Files are read where they lie and stay there; whoever books remembers the ids of the lines already known.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, Field

from billing.bank import BankLine
from connectors import bank_csv, camt, mt940
from connectors.bank_csv import CsvSettings
from connectors.errors import ConnectorError, NotFound, UnexpectedAnswer
from connectors.statements import FileRead, Statement, refused

MEGABYTE = 1024 * 1024
LARGEST_FILE = 20 * MEGABYTE
LARGEST_ARCHIVE = 60 * MEGABYTE
MOST_MEMBERS = 400
HIGHEST_RATIO = 200
LONGEST_NAME = 80
BLANK = b"\0\xef\xbb\xbf\xff\xfe \r\n\t"
ENDINGS = frozenset({".xml", ".c52", ".c53", ".c54", ".sta", ".mt940", ".940", ".txt", ".csv", ".zip"})
ENCODINGS = ("utf-8-sig", "cp1252")
FAMILIES = {"mt940": "MT940", "csv": "CSV"}


class Settings(BaseModel, frozen=True, extra="forbid"):
    """Where the bank files of a client lie."""

    folder: Path = Field(description="Ordner, in den die Bankdateien gelegt werden")
    csv: CsvSettings | None = Field(None, description="Aufbau von CSV-Dateien; leer: CSV wird nicht gelesen")


class BankFiles:
    """The bank files of one client."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __repr__(self) -> str:
        return f"BankFiles({self._settings.folder.name})"

    def close(self) -> None:
        """Nothing is held open."""

    def files(self, since: date = date.min, now: datetime | None = None) -> Iterator[FileRead]:
        """Read every file of the folder, by name, whatever its days; a file that cannot be read delays no other.

        Raises `NotFound` if there is no folder.
        """
        folder = self._settings.folder
        if not folder.is_dir():
            raise NotFound("Der Ordner für Bankdateien fehlt. Bitte anlegen oder die Einstellung ändern.", "folder")
        families: dict[str, str] = {}
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() not in ENDINGS or path.name.startswith("."):
                continue
            try:
                found = tuple(read(_content(path), self._settings.csv))
                check_families(found, families)
            except ConnectorError as error:
                yield FileRead(path.name, problem=error.message)
            else:
                yield FileRead(path.name, found)


def distinct_lines(files: Iterator[FileRead]) -> Iterator[BankLine]:
    """Every movement once, in the order read, however many files hold it."""
    seen: set[str] = set()
    for file in files:
        for statement in file.statements:
            for line in statement.lines:
                if line.id not in seen:
                    seen.add(line.id)
                    yield line


def read(content: bytes, settings: CsvSettings | None = None) -> Iterator[Statement]:
    """The statements of one file, whose kind is told by its content. Raises `UnexpectedAnswer` if it is not trusted."""
    if len(content) > LARGEST_FILE:
        raise refused("sie ist größer als 20 MB", "size")
    if content.startswith(b"PK"):
        for name, member in _members(content):
            try:
                yield from _plain(member, settings)
            except UnexpectedAnswer as fault:
                raise UnexpectedAnswer(f"{fault.message} Es geht um „{name}“ im ZIP.", fault.evidence) from None
    else:
        yield from _plain(content, settings)


def _plain(content: bytes, settings: CsvSettings | None) -> Iterator[Statement]:
    if not content.strip(BLANK):
        raise refused("sie ist leer", "empty")
    start = content[:400].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").strip(b"\xff\xfe \r\n\t")
    if start.startswith(b"<"):
        yield from camt.statements_of(content)
        return
    if b":20:" in start:
        yield from mt940.statements_of(_text(content, ENCODINGS))
        return
    if settings is None:
        cure = "Bitte CAMT oder MT940 herunterladen, oder den Aufbau der CSV unter  payments: bank_csv  angeben."
        raise refused("sie ist weder CAMT noch MT940, und für CSV ist nichts eingestellt", "format", cure)
    encoding = "utf-8-sig" if settings.encoding == "utf-8" else settings.encoding
    # A download is mostly right, and the setting is not: most banks write cp1252.
    fault = f"der Zeichensatz ist nicht {settings.encoding} (payments.bank_csv.encoding)"
    yield bank_csv.statement_of(_text(content, (encoding,), fault), settings)


def _text(content: bytes, encodings: tuple[str, ...], fault: str = "der Zeichensatz stimmt nicht") -> str:
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # SWIFT wraps its messages in \x01 and \x03; other control characters mean another encoding or no text.
        if any(letter < " " and letter not in "\t\r\n\x01\x03" for letter in text):
            break
        return text.replace("\x01", "").replace("\x03", "")
    raise refused(fault, "encoding")


def _content(path: Path) -> bytes:
    """The file's bytes, read with a limit; a link or a device is no bank file."""
    if path.is_symlink() or not path.is_file():
        raise refused("es ist keine gewöhnliche Datei", "file")
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def _members(content: bytes) -> list[tuple[str, bytes]]:
    """The files of a ZIP archive by name. What is claimed about sizes is not believed: unpacking stops at the limit."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not (info.is_dir() or _is_hidden(info))]
            if not infos:
                raise refused("das ZIP enthält keine Datei", "zip")
            if len(infos) > MOST_MEMBERS:
                raise refused("das ZIP enthält zu viele Dateien", "zip")
            unpacked: list[tuple[str, bytes]] = []
            for info in infos:
                left = LARGEST_ARCHIVE - sum(len(member) for _, member in unpacked)
                unpacked.append((_shown(info), _member(archive, info, min(left, LARGEST_FILE))))
            return unpacked
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        raise refused("das ZIP ist beschädigt, verschlüsselt oder ungewöhnlich gepackt", "zip") from None


def _is_hidden(info: zipfile.ZipInfo) -> bool:
    """What macOS packs beside each file, and whatever else would be left alone in the folder."""
    return PurePosixPath(info.filename).name.startswith(".")


def _shown(info: zipfile.ZipInfo) -> str:
    name = "".join(letter for letter in info.filename if letter.isprintable())
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    limit = min(limit, max(info.compress_size, 1024) * HIGHEST_RATIO)
    with archive.open(info) as member:
        content = member.read(limit + 1)
    if len(content) > limit:
        raise refused("das ZIP ist unglaubhaft groß oder stark gepackt", "zip")
    if content.startswith(b"PK"):
        raise refused("das ZIP enthält ein weiteres ZIP", "zip")
    return content


def check_families(found: tuple[Statement, ...], families: dict[str, str]) -> None:
    """CAMT, MT940 and CSV describe the same movement differently: mixed, it would come in twice."""
    for statement in found:
        family = FAMILIES.get(statement.source, "CAMT")
        if families.setdefault(statement.account, family) != family:
            raise refused(
                f"für das Konto liegen Dateien in zwei Formaten vor ({families[statement.account]} und {family})",
                "format",
                "Bitte je Konto nur eines davon in den Ordner legen.",
            )
