"""Figures for monitoring in Prometheus' text form, read from the ledger at the moment of asking."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ledger import overview
from ledger.claims import Circumstances
from ledger.database import Ledger
from ledger.overview import Case
from ledger.receivables import Receivable, receivables

Values = dict[tuple[str, ...], float]
"""Figures by the values of their labels."""


def exposition(ledger: Ledger, clients: Mapping[str, Circumstances], today: date, now: datetime) -> bytes:
    """All figures of these clients; amounts in euro, ages in seconds. No names of customers, no numbers of invoices."""
    registry = CollectorRegistry()
    registry.register(_Figures(ledger, clients, today, now))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, ledger: Ledger, clients: Mapping[str, Circumstances], today: date, now: datetime) -> None:
        self._ledger, self._clients, self._today, self._now = ledger, clients, today, now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family after the other, all from one state of the ledger."""
        with self._ledger.reading() as session:
            board = receivables(session, self._clients, self._today)
            counts = {name: overview.counts(session, name, board) for name in self._clients}
            cases = overview.cases(session, list(self._clients))
            tasks = overview.open_tasks(session, list(self._clients))
        yield _family("items", "Vorgänge je Art und Zustand", ("client", "kind", "state"), _flat(counts))
        yield _family("open_euro", "Offene Beträge je Zustand", ("client", "state"), _owed(board))
        waiting = _oldest(cases, self._now)
        yield _family("oldest_case_seconds", "Alter des ältesten Falls", ("client", "kind", "state"), waiting)
        per_client = Counter(task.client for task in tasks)
        open_tasks: Values = {(name,): float(per_client[name]) for name in self._clients}
        yield _family("open_tasks", "Offene Aufgaben", ("client",), open_tasks)


def _flat(counts: dict[str, dict[str, dict[str, int]]]) -> Values:
    return {
        (client, kind, state): float(number)
        for client, kinds in counts.items()
        for kind, states in kinds.items()
        for state, number in states.items()
    }


def _owed(board: Sequence[Receivable]) -> Values:
    sums: dict[tuple[str, ...], Decimal] = {}
    for item in board:
        key = (item.client, str(item.standing))
        sums[key] = sums.get(key, Decimal(0)) + item.open_amount
    return {key: float(total) for key, total in sums.items()}


def _oldest(cases: Sequence[Case], now: datetime) -> Values:
    ages: Values = {}
    for case in cases:
        key = (case.client, case.kind, case.state)
        ages[key] = max(ages.get(key, 0.0), (now - case.since).total_seconds())
    return ages


def _family(name: str, text: str, labels: Sequence[str], values: Values) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"rechnungsbote_{name}", text, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family
