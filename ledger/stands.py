"""The status words of open claims, computed from their facts and remembered; only what happens makes some anew.

Most open claims are plain: nothing is paid on them, nobody has said anything about them, and they differ in their days
alone. Claims alike in these share one computation, so that even the first look at 20,000 costs little.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from billing.default import mail_received
from billing.standings import Stand, stand_of
from ledger import journal
from ledger.board_filters import unsettled
from ledger.claimed import Claimed
from ledger.claims import Circumstances, facts_of
from ledger.journal import Place
from ledger.post_tables import BounceRow
from ledger.tables import AllocationRow, InvoiceRow, JournalRow, LeverRow, NoticeRow

CHUNK = 500
MOST_NEWS = 1000
"""After so many entries it is cheaper to begin anew."""
ALL_CHANGES = ("ledger adopted",)
"""What concerns every claim; all other facts about a claim are entered in the journal with its invoice."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """The stands of a client as they were at a place of the journal, on a day, in these circumstances."""

    place: Place
    today: date
    around: Circumstances
    found: dict[int, Stand]


class Stands:
    """The status words of open claims, by client; remembered for the day, renewed where something happens."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._lock = Lock()

    def of(
        self, session: Session, around: Mapping[str, Circumstances], clients: Sequence[str], today: date
    ) -> dict[int, Stand]:
        """The stands of all issued claims of these clients that are neither paid nor cancelled, by invoice."""
        place = journal.place(session)
        found: dict[int, Stand] = {}
        for client in clients:
            # Whoever comes while another computes waits for that instead of computing the same.
            with self._lock:
                kept = self._kept[client] = self._renewed(session, client, around[client], today, place)
            found |= kept.found
        return found

    def _renewed(self, session: Session, client: str, around: Circumstances, today: date, place: Place) -> _Kept:
        kept = self._kept.get(client)
        if kept and (kept.place, kept.today, kept.around) == (place, today, around):
            return kept
        news = _news(session, client, kept.place) if kept and (kept.today, kept.around) == (today, around) else None
        if kept is None or news is None:
            return _Kept(place, today, around, _all(session, client, around, today))
        rest = {identity: stand for identity, stand in kept.found.items() if identity not in news}
        return _Kept(place, today, around, rest | _some(session, client, around, today, news))


def _news(session: Session, client: str, since: Place) -> set[int] | None:
    """The invoices to which something has happened since; None when that cannot be told and all must be looked at."""
    if not journal.holds(session, since):
        return None
    query = select(JournalRow.event, JournalRow.invoice_id).where(
        JournalRow.id > since.id, JournalRow.client.in_((client, ""))
    )
    entries = session.execute(query.limit(MOST_NEWS + 1)).all()
    if len(entries) > MOST_NEWS or any(event in ALL_CHANGES for event, _ in entries):
        return None
    changed = {invoice_id for _, invoice_id in entries if invoice_id}
    return changed | _in_the_same_letters(session, changed)


def _in_the_same_letters(session: Session, ids: Iterable[int]) -> set[int]:
    """The invoices that were dunned in one letter with these: its fate is entered with one of them."""
    letters = select(NoticeRow.effect_id).where(NoticeRow.invoice_id.in_(list(ids)), NoticeRow.effect_id.is_not(None))
    return set(session.scalars(select(NoticeRow.invoice_id).where(NoticeRow.effect_id.in_(letters))))


def _some(session: Session, client: str, around: Circumstances, today: date, ids: Iterable[int]) -> dict[int, Stand]:
    """The stands of those of these invoices that are open, each by itself."""
    wanted, found = sorted(ids), dict[int, Stand]()
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        query = _narrow().where(InvoiceRow.client == client, unsettled(), InvoiceRow.id.in_(chunk))
        facts = facts_of(session, [_claimed(row) for row in session.execute(query)], around, today)
        found |= {identity: stand_of(each, today, around.land) for identity, each in facts.items()}
    return found


def _all(session: Session, client: str, around: Circumstances, today: date) -> dict[int, Stand]:
    """The stands of all open claims: one computation for all plain ones that are alike, and one for each other."""
    special = _special(session, client)
    own: list[int] = []
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    received = _Receipt(around.land)
    for identity, is_untouched, due_date, sent_at, *rest in session.execute(_days(client)):
        if is_untouched and identity not in special:
            alike[due_date, received.day(sent_at), *rest].append(identity)
        else:
            own.append(identity)
    firsts = _some(session, client, around, today, [*own, *(ids[0] for ids in alike.values())])
    return firsts | {identity: firsts[ids[0]] for ids in alike.values() for identity in ids}


def _special(session: Session, client: str) -> set[int]:
    """The invoices about which more is known than what stands on them."""
    tables: tuple[Any, ...] = (LeverRow, AllocationRow, NoticeRow, BounceRow)
    found = (session.scalars(select(table.invoice_id).where(table.client == client).distinct()) for table in tables)
    return {identity for ids in found for identity in ids if identity}


class _Receipt:
    """When a mail counts as received, reckoned once for each hour in which some were sent."""

    def __init__(self, land: str) -> None:
        self._laender = (land,) if land else ()
        self._known: dict[tuple[int, int, bool], date] = {}

    def day(self, sent_at: datetime | None) -> date | None:
        """The day of receipt, None for what was not sent."""
        if sent_at is None:
            return None
        # A full hour still belongs to the business day that ends with it.
        key = (sent_at.toordinal(), sent_at.hour, not (sent_at.minute or sent_at.second or sent_at.microsecond))
        if key not in self._known:
            self._known[key] = mail_received(sent_at, self._laender)
        return self._known[key]


def _days(client: str) -> Select[Any]:
    """What plain claims differ in, and nothing that is costly to read: id, if nothing is paid, the days, the rest."""
    row = InvoiceRow
    kind = row.draft["customer", "kind"].as_string()
    due = func.coalesce(row.due_date, row.issue_date, type_=row.issue_date.type)
    return select(row.id, row.open_amount == row.gross, due, row.sent_at, row.stage, kind).where(
        row.client == client, unsettled()
    )


def _narrow() -> Select[Any]:
    names = [name for name in Claimed.__slots__ if name != "draft"]
    kind = InvoiceRow.draft["customer", "kind"].as_string()
    return select(*(getattr(InvoiceRow, name) for name in names), kind).order_by(InvoiceRow.id)


def _claimed(row: Row[Any]) -> Claimed:
    columns = [*row[:-1], {"customer": {"kind": row[-1]}}]
    return Claimed(*columns)
