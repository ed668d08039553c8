"""The inbox over IMAP4rev1 (RFC 3501): log in, open a folder for reading, search by number or day, fetch.

What a reader of mail needs and no more; everything else is answered with BAD, as by any server that does not know it.
"""

import asyncio
import hmac
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol

from sandbox.inbox import Inbox, Letter
from sandbox.smtp import Login

_WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\S+)')
_PARTIAL = re.compile(r"BODY(?:\.PEEK)?\[(?P<part>HEADER)?\](?:<(?P<start>\d+)\.(?P<length>\d+)>)?")
_IDLE_SECONDS = 600


class Room(Protocol):
    """Where the inbox is; a reset of the stage puts another one there."""

    inbox: Inbox


class Connection:
    """One client's dialogue."""

    def __init__(self, room: Room, login: Login, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._room, self._login, self._reader, self._writer = room, login, reader, writer
        self._logged_in = self._selected = False

    async def run(self) -> None:
        """Answer until the client leaves."""
        self._say("* OK [CAPABILITY IMAP4rev1] Sandbox")
        while not self._writer.is_closing():
            await self._writer.drain()
            line = await asyncio.wait_for(self._reader.readline(), _IDLE_SECONDS)
            if not line:
                break
            self._obey(line)
        self._writer.close()

    def _obey(self, line: bytes) -> None:
        words = [_unquoted(match) for match in _WORD.finditer(line.strip())]
        if len(words) < 2:
            self._say("* BAD what?")
            return
        tag, name, *rest = words
        command = name.upper()
        if command == "UID" and rest:
            command, rest = f"UID {rest[0].upper()}", rest[1:]
        answer = self._commands().get(command)
        if answer is None:
            self._say(f"{tag} BAD unknown command")
        elif command.startswith("UID") and not self._selected:
            self._say(f"{tag} BAD no folder is open")
        else:
            self._say(f"{tag} {answer(rest)}")

    def _commands(self) -> dict[str, Callable[[list[str]], str]]:
        return {
            "CAPABILITY": self._capability,
            "NOOP": lambda _rest: "OK done",
            "LOGIN": self._log_in,
            "SELECT": self._open,
            "EXAMINE": self._open,
            "UID SEARCH": self._search,
            "UID FETCH": self._fetch,
            "LOGOUT": self._leave,
        }

    def _capability(self, _rest: list[str]) -> str:
        self._say("* CAPABILITY IMAP4rev1")
        return "OK done"

    def _log_in(self, rest: list[str]) -> str:
        given = (rest + ["", ""])[:2]
        right = (self._login.username, self._login.password)
        fits = [hmac.compare_digest(one.encode(), other.encode()) for one, other in zip(given, right, strict=True)]
        self._logged_in = all(fits)
        return "OK welcome" if self._logged_in else "NO [AUTHENTICATIONFAILED] wrong name or password"

    def _open(self, rest: list[str]) -> str:
        if not self._logged_in:
            return "NO log in first"
        if rest[:1] != ["INBOX"]:
            return "NO [NONEXISTENT] no such folder"
        inbox = self._room.inbox
        self._selected = True
        self._say(f"* {len(inbox.letters)} EXISTS")
        self._say("* 0 RECENT")
        self._say("* FLAGS (\\Seen)")
        self._say(f"* OK [UIDVALIDITY {inbox.validity}] valid")
        self._say(f"* OK [UIDNEXT {inbox.next_uid}] next")
        return "OK [READ-ONLY] open"

    def _search(self, rest: list[str]) -> str:
        letters = self._room.inbox.letters
        match [word.upper() for word in rest]:
            case ["UID", numbers]:
                found = _chosen(letters, numbers)
            case ["SINCE", day]:
                found = [letter for letter in letters if letter.day >= _day(day)]
            case _:
                return "BAD only UID and SINCE are understood"
        self._say("* SEARCH" + "".join(f" {letter.uid}" for letter in found))
        return "OK done"

    def _fetch(self, rest: list[str]) -> str:
        wanted = _PARTIAL.search(" ".join(rest[1:]).upper())
        letters = self._room.inbox.letters
        for letter in _chosen(letters, rest[0]):
            place = letters.index(letter) + 1
            if wanted is None:
                self._say(f"* {place} FETCH (UID {letter.uid} RFC822.SIZE {len(letter.raw)})")
                continue
            start, length = int(wanted["start"] or 0), int(wanted["length"] or len(letter.raw))
            content = letter.raw.partition(b"\r\n\r\n")[0] if wanted["part"] else letter.raw
            content = content[start : start + length]
            name = f"BODY[{wanted['part'] or ''}]" + (f"<{start}>" if wanted["start"] else "")
            self._say(f"* {place} FETCH (UID {letter.uid} {name} {{{len(content)}}}")
            self._writer.write(content + b")\r\n")
        return "OK done"

    def _leave(self, _rest: list[str]) -> str:
        self._say("* BYE see you")
        self._reader.feed_eof()
        return "OK bye"

    def _say(self, line: str) -> None:
        self._writer.write(line.encode("utf-8") + b"\r\n")


def _unquoted(match: re.Match[bytes]) -> str:
    quoted, plain = match.groups()
    return re.sub(r"\\(.)", r"\1", quoted.decode()) if quoted is not None else plain.decode("utf-8", "replace")


def _chosen(letters: list[Letter], numbers: str) -> list[Letter]:
    """The letters of a set such as `4:*`, which always holds the newest (RFC 3501 6.4.8)."""
    newest = letters[-1].uid if letters else 0
    first, _, last = numbers.partition(":")
    low, high = sorted(newest if end == "*" else int(end) for end in (first, last or first))
    return [letter for letter in letters if low <= letter.uid <= high]


def _day(text: str) -> date:
    """A day as searches name it: 2-NOV-2026."""
    return datetime.strptime(text.title(), "%d-%b-%Y").date()  # noqa: DTZ007 a calendar day
