"""How long 20,000 open invoices take to be decided on one core, facts read from the ledger; whether memory is flat.

`python -m benchmarks.dunning` fills a ledger in a temporary folder with invoices in all states and decides about all of
it, as the preview does: by the rules of the client, of a group of customers and of single ones.
"""

import argparse
import resource
import tempfile
import time
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from benchmarks.dunning_data import CUSTOMERS, NOW, TODAY, fill
from billing.dunning import decide
from billing.dunning_policy import DEFAULT_GROUPS, FREE_LEVELS, Policies, Policy
from ledger import claims
from ledger.database import Ledger, open_ledger
from ledger.invoices import customer_number
from tests.ledger.samples import CLIENT

USUAL = Policy(FREE_LEVELS, groups=DEFAULT_GROUPS, land="BY")
PATIENT = replace(USUAL, minimum=Decimal("50.00"), pay_within_days=14, origin="Kundengruppe „Stammkunden“")
POLICIES = Policies(USUAL, {str(number): PATIENT for number in range(0, CUSTOMERS, 10)})


def main() -> None:
    """Fill, decide, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=20_000)
    count = parser.parse_args().invoices
    with tempfile.TemporaryDirectory() as folder:
        ledger = open_ledger(f"sqlite:///{Path(folder) / 'ledger.db'}")
        fill(ledger, count)
        decided(ledger, 2 * claims.CHUNK)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began, cpu = time.monotonic(), time.process_time()
        found = decided(ledger, count)
        took, cpu = time.monotonic() - began, time.process_time() - cpu
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        ledger.close()
    print(f"{found.total()} Entscheidungen in {took:.1f} s ({cpu:.1f} s CPU), Speicher +{grown / 1024:.1f} MB")
    for what, number in sorted(found.items()):
        print(f"  {number:6} {what}")


def decided(ledger: Ledger, most: int) -> Counter[str]:
    """Decide about the open invoices, chunk by chunk; how many were decided in which way."""
    found: Counter[str] = Counter()
    with ledger.reading() as session:
        for rows in claims.open_ones(session, CLIENT):
            facts = claims.facts_of(session, rows, claims.Circumstances(land="BY"), TODAY)
            for row in rows:
                decision = decide(replace(facts[row.id], read_at=NOW), POLICIES.of(customer_number(row)), TODAY, NOW)
                found[f"{decision.outcome} {decision.title or decision.obstacles[-1].code}"] += 1
            if found.total() >= most:
                break
    return found


if __name__ == "__main__":
    main()
