"""`run --dry-run`: a cycle on a copy of the ledger behind a closed gate, and the list of what would have left."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from config.loading import LoadedClient
from desk import running, words
from desk.console import Exit, out, print_json, table
from flows.chain.steps import ALARM, ANNOUNCE, CYCLE
from flows.clock import Clock
from flows.wiring import House
from ledger import overview, rehearsal
from ledger.rehearsal import Overlay

REHEARSED = tuple(step for step in CYCLE if step not in (ALARM, ANNOUNCE))
"""Alarms to the operator and messages to other programs leave the house as well."""


def rehearse(house: House, clients: Sequence[LoadedClient], at: datetime | None, *, as_json: bool) -> Exit:
    """Read, decide and print what would leave; nothing is written upstream, sent, or kept in the ledger."""
    with copied(house) as copy:
        reports, verdict = running.worked(copy, clients, at, REHEARSED, as_json)
        with copy.ledger.reading() as session:
            found = overview.about_to_leave(session, [loaded.config.name for loaded in clients])
    if as_json:
        print_json({"reports": reports, "would_leave": found})
        return verdict
    running.show_failures(reports)
    table(
        "Ginge hinaus",
        ("Mandant", "Was", "Rechnung", "an", "brutto"),
        [(each.client, words.EFFECTS[each.kind], each.subject, each.recipient, each.gross) for each in found],
        figures=("brutto",),
        free=("Rechnung", "an"),
    )
    out.print(f"Probelauf, Vorgänge: {len(found)}. Nichts wurde gesendet, angelegt oder vermerkt.")
    return verdict


@contextmanager
def copied(house: House) -> Iterator[House]:
    """The house with a copy of the ledger behind a closed gate, and an archive that keeps nothing."""
    with tempfile.TemporaryDirectory(prefix="rechnungsbote-probelauf-") as place:
        ledger = rehearsal.copy(house.ledger, Path(place) / "ledger.db", Clock().now())
        try:
            archive = Overlay(Path(place) / "archive", house.archive)
            settings = house.settings.model_copy(update={"home": Path(place)})
            yield replace(house, ledger=ledger, archive=archive, settings=settings)
        finally:
            ledger.close()
