"""Duplicate: the second copy for a customer who says that the invoice never came; it goes where the first one went."""

from connectors.errors import NeedsPerson
from documents.errors import DocumentError
from flows import gates
from flows.chain.issue import subject_of
from flows.chain.returned import mail_again
from flows.report import Entry, Result
from flows.work import Work
from ledger import effects, invoices, outgoing
from ledger.archive import ArchiveFault
from ledger.effects import TAKEABLE, Kind


def to_write(work: Work) -> list[int]:
    """Ids of the second copies that somebody wants and that are not written yet."""
    if gates.waits(work, Kind.SEND_DUPLICATE):
        return []
    with work.ledger.reading() as session:
        return outgoing.unwritten(session, work.client)


def write_one(work: Work, effect_id: int) -> Entry | None:
    """Write one second copy from the archived papers, byte for byte; it leaves with the other mails."""
    with work.ledger.reading() as session:
        effect = effects.get(session, effect_id)
        row = invoices.get(session, effect.invoice_id)
        first = outgoing.arrived(session, row.id)
    try:
        mail = mail_again(work, row, first.recipient, f"{row.marker}.{effect.payload['document']}", first.on)
        sha256 = work.archive.put(mail.message)
    except (DocumentError, NeedsPerson, ArchiveFault) as error:
        return Entry(Result.HELD, subject_of(row), str(error))
    with work.ledger.writing() as session:
        effect = effects.get(session, effect_id)
        if effect.state not in TAKEABLE or outgoing.is_written(effect):
            return None
        document = str(effect.payload["document"])
        paper = invoices.Paper(document, sha256, "message/rfc822", f"{document}.eml", len(mail.message))
        invoices.keep(session, invoices.get(session, row.id), paper, work.clock.now())
        outgoing.write(effect, sha256, mail.recipient, mail.message_id, work.seller.iban)
    return None
