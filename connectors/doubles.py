"""Doubled invoices in a list: ours that look alike, and of those the ones that really carry the same marker."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.invoices import Draft


@dataclass(frozen=True, slots=True)
class Listed:
    """An invoice as a list shows it: its id, the customer's id (empty for a one-time recipient), the gross total."""

    external_id: str
    customer_id: str
    gross: Decimal


def doubles(
    rows: Iterable[Listed], drafts: Sequence[Draft], carries: Callable[[str, str], bool]
) -> dict[str, list[str]]:
    """Ids by marker, where a marker stands on several. `carries(id, marker)` is asked only about look-alikes."""
    alike: dict[tuple[str, Decimal], list[str]] = defaultdict(list)
    for row in rows:
        alike[row.customer_id, row.gross].append(row.external_id)
    found = {}
    for draft in drafts:
        same = alike[draft.customer.external_id, draft.totals.gross]
        if len(same) > 1:
            found[draft.marker] = [external_id for external_id in same if carries(external_id, draft.marker)]
    return {marker: ids for marker, ids in found.items() if len(ids) > 1}
