"""The journal: what happened, in order, sealed as a hash chain so that a later change shows."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ledger.tables import JournalRow, MetaRow

HEAD = "journal-head"
FIRST = "0" * 64


def record(
    session: Session, at: datetime, client: str, event: str, invoice_id: int | None = None, **facts: Any
) -> None:
    """Add an entry within the caller's transaction. Entries of several writers queue up on the chain's head row."""
    previous = _lock_head(session)
    # Instants are sealed with whole microseconds in UTC: that is what every database gives back.
    entry = JournalRow(
        at=at, client=client, event=event, invoice_id=invoice_id, facts=facts, previous=previous, seal=""
    )
    entry.seal = seal_of(entry)
    session.add(entry)
    session.execute(update(MetaRow).where(MetaRow.key == HEAD).values(value=entry.seal))


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
    head = session.scalar(select(MetaRow.value).where(MetaRow.key == HEAD))
    if head is None:
        yield "Journal: der Kopf der Kette fehlt."
    elif head != previous:
        yield "Journal: am Ende fehlen Einträge."


def entries(session: Session, invoice_id: int) -> list[JournalRow]:
    """What happened to one invoice, oldest first."""
    query = select(JournalRow).where(JournalRow.invoice_id == invoice_id).order_by(JournalRow.id)
    return list(session.scalars(query))


def _lock_head(session: Session) -> str:
    head = session.scalar(select(MetaRow.value).where(MetaRow.key == HEAD).with_for_update())
    if head is None:
        raise LookupError("the ledger has no journal head: it was not set up by its migrations")
    return head
