"""The ledger as text: every table as JSON lines, the same from SQLite and PostgreSQL, and back into an empty one.

Tables are read as the database describes them, not as this program does: a dump of an older schema can be filled in
and migrated afterwards, and a table that is added later is in the next dump without a word here.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Date, DateTime, MetaData, Table, insert, select, text

BATCH = 500
VERSION_TABLE = "alembic_version"


def tables_of(connection: Connection) -> list[Table]:
    """All tables with our facts, those that others refer to first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def lines_of(connection: Connection, table: Table) -> Iterator[str]:
    """The rows by primary key, one JSON object each, keys sorted: the same rows give the same text everywhere."""
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=BATCH)
    for row in connection.execute(query).mappings():
        yield json.dumps(dict(row), default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def empty(connection: Connection) -> None:
    """Take out what the migrations themselves put into a new ledger."""
    for table in reversed(tables_of(connection)):
        connection.execute(table.delete())


def fill(connection: Connection, table: Table, lines: Iterable[str]) -> int:
    """Write the rows of a dump into an empty table; how many there were."""
    rows = (_typed(table, json.loads(line)) for line in lines)
    number = 0
    while batch := list(islice(rows, BATCH)):
        connection.execute(insert(table), batch)
        number += len(batch)
    _count_on(connection, table)
    return number


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        # SQLite forgets the zone; it is always UTC.
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} cannot stand in a dump")


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(table.c[name].type, value) for name, value in row.items()}


def _value(kind: object, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


def _count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL hands out ids from a counter of its own, which must begin behind those filled in."""
    if connection.dialect.name != "postgresql" or "id" not in table.c:
        return
    connection.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'),"  # noqa: S608 the name is the schema's own
            f" COALESCE((SELECT max(id) FROM {table.name}), 0) + 1, false)"
        )
    )
