"""CalDAV (RFC 4791): tasks (VTODO, RFC 5545) in Nextcloud, mailbox.org, Apple, Thunderbird and phones, as the board."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

import httpx
from lxml import etree
from pydantic import Field

from connectors.dav import Dav, DavSettings, open_dav
from connectors.errors import UnexpectedAnswer
from connectors.http import FILE_LIMIT, JSON_LIMIT, Request
from connectors.protocols import Capability, Card
from connectors.settings import BaseUrl

SYSTEM = "Das Aufgabenbrett (CalDAV)"
LINE_LENGTH = 75
"""Bytes of a content line, after which it is folded (RFC 5545 3.1)."""
WITHOUT_END = "Die Antwort des Aufgabenbretts ist nicht lesbar. Bitte die Adresse prüfen."
TICKED = (
    b'<?xml version="1.0" encoding="utf-8"?>'
    b'<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    b"<D:prop><C:calendar-data/></D:prop>"
    b'<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VTODO">'
    b'<C:prop-filter name="COMPLETED"/>'
    b"</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
)


class Settings(DavSettings, frozen=True, extra="forbid", hide_input_in_errors=True):
    """Where a client's tasks are shown."""

    url: BaseUrl = Field(
        description="Adresse der Aufgabenliste, etwa https://wolke.beispiel.de/remote.php/dav/calendars/buero/aufgaben"
    )


class CalDav:
    """One list of tasks. Ours have names of their own there; what others put up is neither read nor changed."""

    capabilities = frozenset({Capability.SHOWS_TASKS})

    def __init__(self, dav: Dav) -> None:
        self._dav = dav

    def __repr__(self) -> str:
        return f"CalDav({self._dav!r})"

    def show(self, card: Card) -> None:
        """Put the card up or change it: one request."""
        path = self._dav.path(f"{quote(card.uid, safe='')}.ics")
        content = calendar_of(card)
        self._dav.ask(
            Request("PUT", path, "task", "*/*", JSON_LIMIT, {}, content, content_type="text/calendar; charset=utf-8")
        )

    def ticked(self) -> list[str]:
        """The `uid` of every finished task in the list, ours or not."""
        asked = Request(
            "REPORT",
            self._dav.path(""),
            "task",
            "application/xml",
            FILE_LIMIT,
            {},
            TICKED,
            content_type="application/xml; charset=utf-8",
            further={"Depth": "1"},
        )
        return ticked_in(self._dav.ask(asked))

    def close(self) -> None:
        """Close all connections."""
        self._dav.close()


def calendar_of(card: Card) -> bytes:
    """A calendar with this one task; a finished one is ticked."""
    stamp = _instant(card.changed_at)
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Rechnungsbote//Aufgaben//DE", "BEGIN:VTODO"),
        *(f"UID:{card.uid}", f"DTSTAMP:{stamp}", f"LAST-MODIFIED:{stamp}"),
        *(f"SUMMARY:{_escaped(card.title)}", f"DESCRIPTION:{_escaped(card.text)}", "CATEGORIES:Rechnungsbote"),
        *([f"DUE;VALUE=DATE:{card.due_on:%Y%m%d}"] if card.due_on else []),
        *(
            ["STATUS:COMPLETED", "PERCENT-COMPLETE:100", f"COMPLETED:{stamp}"]
            if card.is_done
            else ["STATUS:NEEDS-ACTION"]
        ),
        *("END:VTODO", "END:VCALENDAR"),
    ]
    return b"".join(_folded(line) for line in lines)


def ticked_in(answer: bytes) -> list[str]:
    """The tasks in a multistatus that are completed. Raises `UnexpectedAnswer` for any other answer."""
    if b"<!DOCTYPE" in answer.replace(b"\0", b"").upper():
        raise UnexpectedAnswer(WITHOUT_END, "DOCTYPE")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(answer, parser)
    except etree.XMLSyntaxError as error:
        raise UnexpectedAnswer(WITHOUT_END, str(error)[:200]) from error
    if root.tag != "{DAV:}multistatus":
        raise UnexpectedAnswer(WITHOUT_END, str(root.tag)[:200])
    found = (_facts(node.text or "") for node in root.iter("{urn:ietf:params:xml:ns:caldav}calendar-data"))
    # Servers may give more than was asked for, so each is looked at again.
    return [facts["UID"] for facts in found if "UID" in facts and facts.get("STATUS", "COMPLETED") == "COMPLETED"]


def _facts(calendar: str) -> dict[str, str]:
    """The first value of each name in the task of a calendar."""
    text = calendar.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
    _, _, task = text.partition("BEGIN:VTODO\n")
    facts: dict[str, str] = {}
    for line in task.partition("\nEND:VTODO")[0].split("\n"):
        name, _, value = line.partition(":")
        facts.setdefault(name.partition(";")[0].upper(), value)
    return facts if "COMPLETED" in facts or facts.get("STATUS") == "COMPLETED" else {}


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """TEXT as RFC 5545 3.3.11 wants it; of what cannot be seen only the spaces stay."""
    for letter, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n"), ("\n", "\\n")):
        text = text.replace(letter, written)
    return "".join(letter if letter.isprintable() else " " * letter.isspace() for letter in text)


def _folded(line: str) -> bytes:
    """A line in pieces of at most 75 bytes, none of which cuts a letter."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        encoded = letter.encode()
        if len(piece) + len(encoded) > LINE_LENGTH - bool(pieces):
            pieces.append(piece)
            piece = b""
        piece += encoded
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"


def connect(
    settings: Settings,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> CalDav:
    """The list of `settings`."""
    return CalDav(open_dav(SYSTEM, settings, transport, sleep))
