"""Before any work: is this the ledger that was here last, and can the clock be right? If not, nothing leaves."""

from datetime import timedelta

from flows.work import Work
from ledger import restoring, stops


def watch(work: Work) -> None:
    """Pull the brake when the ledger was put back or the clock has jumped. A rehearsal has a time of its own."""
    with work.ledger.reading() as session:
        why = restoring.put_back(session)
    why = why or work.witness.contradiction(work.ledger)
    now = work.clock.now()
    if not why and work.clock.is_rehearsed:
        return
    with work.ledger.writing() as session:
        if why:
            restoring.suspect(session, why, now)
        if not work.clock.is_rehearsed:
            stops.beat(session, work.client, now, timedelta(days=work.settings.clock_jump_days))
