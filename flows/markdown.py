"""Markdown for the pages that Prefect shows: foreign text can neither break a table nor become a link."""

import re
from collections.abc import Iterable, Sequence

_MEANS_SOMETHING = re.compile(r"[\\`*_{}\[\]<>#|~&]")
_BREAKS = re.compile(r"[\r\n\t]+")


def plain(text: object) -> str:
    """Text that shows exactly as it is, on one line. Entities, since Prefect's page shows some backslashes."""
    return _MEANS_SOMETHING.sub(lambda found: f"&#{ord(found[0])};", _BREAKS.sub(" ", str(text)))


def link(text: str, address: str | None) -> str:
    """A link of our own making; without an address only its text."""
    return f"[{plain(text)}]({address})" if address else plain(text)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells are markdown already; nothing without rows."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(columns)} |", "|" + " --- |" * len(columns), *lines])
