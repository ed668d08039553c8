"""The seller's account in force: another one counts only after two people have said so, with a waiting time between."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.calendar import BERLIN
from ledger.journal import record
from ledger.overrides import NothingToDecide, Word
from ledger.post_tables import BankAccountRow

SETTLED_BY = "Einrichtung"
"""Who confirms the very first account of a client: whoever set it up."""


def confirmed(session: Session, client: str) -> str:
    """The IBAN in force; empty before the client has worked for the first time."""
    query = (
        select(BankAccountRow.iban)
        .where(BankAccountRow.client == client, BankAccountRow.confirmed_at.is_not(None))
        .order_by(BankAccountRow.confirmed_at.desc(), BankAccountRow.id.desc())
        .limit(1)
    )
    return session.scalar(query) or ""


def waiting(session: Session, client: str) -> BankAccountRow | None:
    """The account that waits to be confirmed."""
    query = (
        select(BankAccountRow)
        .where(
            BankAccountRow.client == client,
            BankAccountRow.confirmed_at.is_(None),
            BankAccountRow.dropped_at.is_(None),
        )
        .order_by(BankAccountRow.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def see(session: Session, client: str, iban: str, now: datetime) -> bool:
    """Note the IBAN that stands in the client's file; whether it is in force.

    The first one ever is. Another one begins to wait at the moment it is seen; one that left the file is dropped.
    """
    in_force, pending = confirmed(session, client), waiting(session, client)
    if pending and (pending.iban != iban or iban == in_force):
        pending.dropped_at = now
        pending = None
    if iban == in_force:
        return True
    if pending is None:
        is_first = not in_force
        row = _row(client, iban, now)
        if is_first:
            row.confirmed_by, row.confirmed_at = SETTLED_BY, now
        session.add(row)
        session.flush()
        event = "account taken over" if is_first else "account changed"
        record(session, now, client, event, None, before=_short(in_force), after=_short(iban))
        return is_first
    return False


def ask(session: Session, client: str, word: Word, now: datetime) -> BankAccountRow:
    """The first person says that the new account is right. Raises `NothingToDecide`."""
    row = _pending(session, client)
    if row.asked_at is not None:
        raise NothingToDecide(f"{row.asked_by} hat das schon gesagt; jetzt muss eine zweite Person bestätigen.")
    row.asked_by, row.asked_at = word.by, now
    record(session, now, client, "decided: account asked", None, by=word.by, reason=word.reason, after=_short(row.iban))
    return row


def confirm(session: Session, client: str, word: Word, wait: timedelta, now: datetime) -> BankAccountRow:
    """A second person confirms it after the waiting time. Raises `NothingToDecide` and says what is missing."""
    row = _pending(session, client)
    if row.asked_at is None:
        raise NothingToDecide("Zuerst muss eine Person die Änderung anmelden: rechnungsbote account ask")
    if _same(row.asked_by, word.by):
        raise NothingToDecide(f"{word.by} hat die Änderung angemeldet; bestätigen muss eine zweite Person (--by).")
    if now < row.seen_at + wait:
        until = (row.seen_at + wait).astimezone(BERLIN)
        raise NothingToDecide(f"Die Wartezeit läuft noch bis {until:%d.%m.%Y, %H:%M} Uhr.")
    row.confirmed_by, row.confirmed_at = word.by, now
    facts = {"by": word.by, "reason": word.reason, "after": _short(row.iban)}
    record(session, now, client, "decided: account confirmed", None, **facts)
    return row


def _pending(session: Session, client: str) -> BankAccountRow:
    row = waiting(session, client)
    if row is None:
        raise NothingToDecide("Kein Konto wartet auf Bestätigung.")
    return row


def _row(client: str, iban: str, now: datetime) -> BankAccountRow:
    return BankAccountRow(
        client=client,
        iban=iban,
        seen_at=now,
        asked_by="",
        asked_at=None,
        confirmed_by="",
        confirmed_at=None,
        dropped_at=None,
    )


def _same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def _short(iban: str) -> str:
    """What people recognise, and the journal may keep for ever."""
    return f"…{iban[-4:]}" if iban else ""
