"""What the control interface tells about invoices and the world."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from sandbox.lexoffice.errors import Json
from sandbox.lexoffice.office import Voucher
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.stage import Stage


def invoice_report(invoice: Voucher) -> Json:
    """An invoice as GET gives it, with what else is known about it."""
    found = {"openAmount": invoice.open_amount, "grossAmount": invoice.gross}
    return invoice.body | found | {"payments": [asdict(payment) for payment in invoice.payments]}


def world_report(stage: "Stage", world: World) -> Json:
    """The plan of a world and what has happened, in the order of the plan."""
    names = {key: world.trade.name(id_) for key, id_ in world.contact_ids.items()}
    customers = [
        {
            "key": key,
            "name": names[key],
            "contactId": world.contact_ids[key],
            "email": world.trade.mail_addresses(world.contact_ids[key]),
            "habit": customer.habit,
            "terms": customer.terms,
            "comment": customer.comment,
        }
        for key, customer in world.plan.customers.items()
    ]
    jobs = [
        {
            "key": job.key,
            "title": job.title,
            "customer": names[job.customer],
            "ordered": world.day(job.ordered).isoformat(),
            "done_on": world.day(job.done).isoformat(),
            "done": job.key in world.finished,
            "comment": job.comment,
            **world.made[job.key],
        }
        for job in world.plan.jobs
    ]
    return {
        "world": world.name,
        "system": world.plan.system,
        "description": world.plan.description,
        "first_day": world.first_day.isoformat(),
        "now": stage.clock.now().isoformat(),
        "customers": customers,
        "jobs": jobs,
        "happened": [{"at": h.at.isoformat(), "what": h.what} for h in world.happened],
    }
