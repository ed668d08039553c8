"""What a client's plans must say to themselves."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from config.client import Client
from config.problems import Finding


def contracts(config: Client, _file: Path) -> Iterator[Finding]:
    """Everything that must change before contracts can be billed."""
    for name, plan in config.contracts.plans.items() if config.contracts else ():
        path = ("contracts", "plans", name)
        for place, (before, after) in enumerate(pairwise(plan.new_prices), start=1):
            if after.since <= before.since:
                yield Finding(
                    (*path, "new_prices", place, "since"),
                    f"Preise folgen ihren Tagen: nach dem {before.since:%d.%m.%Y} muss ein späterer kommen.",
                    "Preise der Reihe nach schreiben.",
                )
        if plan.renewal_months and not plan.term_months:
            yield Finding(
                (*path, "renewal_months"),
                "Ohne Mindestlaufzeit verlängert sich nichts.",
                "term_months  setzen oder  renewal_months: 0.",
            )
