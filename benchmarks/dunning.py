"""How long 20,000 open invoices take to be decided on one core, facts read from the ledger; whether memory is flat.

`python -m benchmarks.dunning` fills a ledger in a temporary folder and decides about all of it, as the preview does.
"""

import argparse
import resource
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import insert, select

from billing.dunning import decide
from billing.dunning_policy import DEFAULT_GROUPS, FREE_LEVELS, Policy
from ledger import claims
from ledger.database import Ledger, open_ledger
from ledger.invoices import SENT
from ledger.tables import InvoiceRow, JobRow
from tests.ledger.samples import CLIENT, add_invoice

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
TODAY = date(2026, 11, 30)
POLICY = Policy(FREE_LEVELS, groups=DEFAULT_GROUPS, land="BY")
BATCH = 1000


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
        number = decided(ledger, count)
        took, cpu = time.monotonic() - began, time.process_time() - cpu
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        ledger.close()
    print(f"{number} Entscheidungen in {took:.1f} s ({cpu:.1f} s CPU), Speicher +{grown / 1024:.1f} MB")


def fill(ledger: Ledger, count: int) -> None:
    """So many sent and open invoices, copies of one."""
    with ledger.writing() as session:
        row = add_invoice(session)
        row.number, row.due_date, row.stage = "RE1", date(2026, 11, 10), SENT
        row.sent_at, row.payment_read_at, row.check_on = NOW, NOW, TODAY
        session.flush()
        job = {column.name: getattr(session.get_one(JobRow, row.job_id), column.name) for column in JobRow.__table__.c}
        invoice = {column.name: getattr(row, column.name) for column in InvoiceRow.__table__.c}
        for start in range(1, count, BATCH):
            places = range(start + 1, min(start + BATCH, count) + 1)
            session.execute(insert(JobRow), [job | {"id": at + 1, "external_id": f"dn{at}"} for at in places])
            copies = [
                invoice | {"id": at + 1, "job_id": at + 1, "marker": f"RB-{at}", "number": f"RE{at}"} for at in places
            ]
            session.execute(insert(InvoiceRow), copies)


def decided(ledger: Ledger, most: int) -> int:
    """Decide about the open invoices, chunk by chunk; how many there were."""
    number = 0
    with ledger.reading() as session:
        assert session.scalar(select(InvoiceRow.id).limit(1))
        for rows in claims.open_ones(session, CLIENT):
            facts = claims.facts_of(session, rows, claims.Circumstances(land="BY"), TODAY)
            for each in facts.values():
                decide(replace(each, read_at=NOW), POLICY, TODAY, NOW)
            number += len(rows)
            if number >= most:
                break
    return number


if __name__ == "__main__":
    main()
