"""One API call and its answer as values; the HTTP around them is in `api`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.sevdesk.account import Account
from sandbox.sevdesk.errors import Json


@dataclass(frozen=True)
class Call:
    """What came in: the id of the path (0 without one), query, body; stale: the state before the last change."""

    id: int = 0
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    stale: bool = False

    def says(self, name: str) -> bool:
        """Whether a query parameter is switched on."""
        return self.query.get(name, "").lower() in ("true", "1")


@dataclass(frozen=True)
class Reply:
    """The value of `objects`; `wrapped` is False only where the specification shows the bare value."""

    objects: Any
    status: int = 200
    total: int | None = None
    bare: Any = None


Handler = Callable[[Account, Call], Reply]
Routes = dict[tuple[str, str], Handler]
"""Method and path below /api/v1 to the handler; `{id}` is a record's id."""


def factory_reply(objects: Any, status: int = 200) -> Reply:
    """An answer that the specification shows bare and the live system wraps in `objects`."""
    return Reply(objects, status, bare=objects)
