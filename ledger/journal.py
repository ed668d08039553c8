"""The journal: what happened, in order, sealed as a hash chain so that a later change shows."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, SessionTransaction

from ledger.tables import JournalRow, MetaRow

HEAD = "journal-head"
FIRST = "0" * 64


def record(
    session: Session, at: datetime, client: str, event: str, invoice_id: int | None = None, **facts: Any
) -> JournalRow:
    """Add an entry within the caller's transaction. Entries of several writers queue up on the chain's head row."""
    head = _locked_head(session)
    # Instants are sealed with whole microseconds in UTC: that is what every database gives back.
    entry = JournalRow(
        at=at, client=client, event=event, invoice_id=invoice_id, facts=facts, previous=head.value, seal=""
    )
    entry.seal = seal_of(entry)
    session.add(entry)
    head.value = entry.seal
    return entry


def seal_of(entry: JournalRow) -> str:
    """SHA-256 over the entry's content and the seal before it."""
    content = [
        entry.previous,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.client,
        entry.event,
        entry.invoice_id,
        entry.facts,
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def faults(session: Session) -> Iterator[str]:
    """German sentences naming every entry that was changed, removed or added behind the journal's back."""
    previous = FIRST
    for entry in session.scalars(select(JournalRow).order_by(JournalRow.id).execution_options(yield_per=1000)):
        if entry.previous != previous:
            yield f"Journal, Eintrag {entry.id} ({entry.event}): davor fehlt etwas oder wurde etwas eingefügt."
        if seal_of(entry) != entry.seal:
            yield f"Journal, Eintrag {entry.id} ({entry.event}): der Inhalt wurde nachträglich geändert."
        previous = entry.seal
    last = session.scalar(select(MetaRow.value).where(MetaRow.key == HEAD))
    if last is None:
        yield "Journal: der Kopf der Kette fehlt."
    elif last != previous:
        yield "Journal: am Ende fehlen Einträge."


def entries(session: Session, invoice_id: int) -> list[JournalRow]:
    """What happened to one invoice, oldest first."""
    query = select(JournalRow).where(JournalRow.invoice_id == invoice_id).order_by(JournalRow.id)
    return list(session.scalars(query))


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the journal: the entry's id and seal; before the first entry 0 and `FIRST`."""

    id: int
    seal: str


def place(session: Session) -> Place:
    """The last entry: as long as it stays, nothing has happened."""
    row = session.execute(select(JournalRow.id, JournalRow.seal).order_by(JournalRow.id.desc()).limit(1)).first()
    return Place(*row) if row else Place(0, FIRST)


def holds(session: Session, at: Place) -> bool:
    """Whether that entry is still where it was: a ledger that was put back meanwhile may have another one there."""
    return at.id == 0 or session.scalar(select(JournalRow.seal).where(JournalRow.id == at.id)) == at.seal


def head(session: Session) -> str:
    """The seal of the last entry: as long as it stays, nothing has happened."""
    return session.scalars(select(MetaRow.value).where(MetaRow.key == HEAD)).one()


def first_within(session: Session, event: str, key: str, now: datetime, span: timedelta) -> bool:
    """Enter something of the whole installation, unless the same was entered within the last `span`."""
    query = select(JournalRow).where(JournalRow.event == event, JournalRow.at > now - span)
    if any(entry.facts.get("key") == key for entry in session.scalars(query)):
        return False
    record(session, now, "", event, key=key)
    return True


def last_at(session: Session) -> datetime | None:
    """When the last entry was written, by the clock of whoever wrote it; None in an empty journal."""
    return session.scalar(select(JournalRow.at).order_by(JournalRow.id.desc()).limit(1))


def _locked_head(session: Session) -> MetaRow:
    """The head row, locked and read once per transaction: until it ends, nobody else can move it."""
    locked: tuple[SessionTransaction | None, MetaRow] | None = session.info.get(HEAD)
    if locked is None or locked[0] is not session.get_transaction():
        found = session.get(MetaRow, HEAD, with_for_update=True, populate_existing=True)
        if found is None:
            raise LookupError("the ledger has no journal head: it was not set up by its migrations")
        locked = session.info[HEAD] = (session.get_transaction(), found)
    return locked[1]
