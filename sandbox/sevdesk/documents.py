"""What orders and invoices share: head fields, positions, discounts, the address block."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.sevdesk import sums, taxes
from sandbox.sevdesk.account import Account, answer_of
from sandbox.sevdesk.calls import Call, Reply
from sandbox.sevdesk.errors import MISLEADING, Json, refused
from sandbox.sevdesk.listing import paged
from sandbox.sevdesk.records import Record, Ref
from sandbox.sevdesk.values import Reader, day, demand, marked, number, read, reference, text, truth, whole

HEAD: dict[str, Reader] = {
    "contact": reference("Contact"),
    "header": text,
    "headText": text,
    "footText": text,
    "addressCountry": reference("StaticCountry"),
    "smallSettlement": truth,
    "contactPerson": reference("SevUser"),
    "taxRate": number,
    "taxRule": reference("TaxRule"),
    "taxText": text,
    "taxType": text,
    "sendDate": day,
    "address": text,
    "currency": text,
    "customerInternalNote": text,
    "showNet": truth,
    "origin": reference("Order", "Invoice"),
}
POSITION: dict[str, Reader] = {
    "part": reference("Part"),
    "quantity": number,
    "price": number,
    "name": text,
    "unity": reference("Unity"),
    "positionNumber": whole,
    "text": text,
    "discount": number,
    "optional": truth,
    "taxRate": number,
}
DISCOUNT: dict[str, Reader] = {
    "discount": truth, "text": text, "percentage": truth, "value": number, "isNet": truth,
}  # fmt: skip


@dataclass(frozen=True)
class Form:
    """How a kind of document is called in a save call, and the kind of its positions."""

    name: str
    key: str

    @property
    def position(self) -> str:
        """The positions' objectName."""
        return f"{self.name}Pos"


ORDER, INVOICE = Form("Order", "order"), Form("Invoice", "invoice")
FORMS = {"Order": ORDER, "Invoice": INVOICE}


@dataclass(frozen=True)
class Draft:
    """A checked save call: head fields, positions and discounts as they will be, new ones without an id."""

    fields: Json
    positions: tuple[tuple[int | None, Json], ...]
    discounts: tuple[tuple[int | None, Json], ...]


def parts_of(account: Account, document: Record, kind: str, *, stale: bool = False) -> list[Record]:
    """Positions (or Discounts) of a document in their order."""
    return sorted(account.parts(kind, document.ref, stale=stale), key=lambda record: record["positionNumber"] or 0)


def positions_of(account: Account, document: Record, *, stale: bool = False) -> list[Record]:
    """The positions of a document."""
    return parts_of(account, document, FORMS[document.name].position, stale=stale)


def read_draft(account: Account, form: Form, body: Json, fields: Json, existing: Record | None) -> Draft:
    """Check positions, discounts, taxes and references of a save call; 422 for the first broken rule."""
    fields = taxes.with_tax_rule(fields, account.settings)
    for ref in (value for value in fields.values() if isinstance(value, Ref)):
        account.needed(ref)
    kept = _kept(account, existing, form.position, body.get(f"{form.key}PosDelete"))
    positions = _merged(kept, _given_positions(account, form, body))
    if not positions:
        raise refused(MISLEADING)
    taxes.check_rates(fields, (position for _, position in positions))
    lasting = _kept(account, existing, "Discounts", body.get("discountDelete"))
    discounts = _merged(lasting, _given_discounts(body))
    return Draft(_summed(fields, positions, discounts), positions, discounts)


def store(account: Account, form: Form, draft: Draft, existing: Record | None) -> Record:
    """Write a checked draft: the head, its positions, its discounts."""
    document = account.change(existing, **draft.fields) if existing else account.add(form.name, draft.fields)
    show_net = bool(draft.fields["showNet"])
    positions = [
        (id_, _complete(form, document, fields, show_net, i)) for i, (id_, fields) in enumerate(draft.positions)
    ]
    discounts = [(id_, {"object": document.ref, **fields}) for id_, fields in draft.discounts]
    _replace(account, document, form.position, positions)
    _replace(account, document, "Discounts", discounts)
    return document


def saved_answer(account: Account, form: Form, document: Record) -> Json:
    """What a save call answers."""
    positions = [answer_of(record) for record in positions_of(account, document)]
    return {form.key: answer_of(document), form.position[0].lower() + form.position[1:]: positions}


def part_list(kind: str, name: str) -> Any:
    """The handler of getPositions or getDiscounts."""

    def handler(account: Account, call: Call) -> Reply:
        document = account.get(name, call.id, stale=call.stale)
        return paged(account, parts_of(account, document, kind, stale=call.stale), call)

    return handler


def address_block(account: Account, contact: Record) -> str:
    """The contact's name and its first address, one part a line."""
    lines = [contact_name(contact)]
    for address in account.rows("ContactAddress"):
        if address["contact"] == contact.ref:
            town = f"{address['zip'] or ''} {address['city'] or ''}".strip()
            lines += [address["name2"] or "", address["street"] or "", town]
            break
    return "\n".join(line for line in lines if line)


def contact_name(contact: Record) -> str:
    """The organisation's name or the person's first and last name."""
    person = " ".join(part for part in (contact["surename"], contact["familyname"]) if part)
    return str(contact["name"] or person)


def _given_positions(account: Account, form: Form, body: Json) -> list[tuple[int | None, Json]]:
    given = body.get(f"{form.key}PosSave") or []
    if not isinstance(given, list):
        raise refused(MISLEADING)
    return [_position(account, form, item) for item in given]


def _position(account: Account, form: Form, item: Any) -> tuple[int | None, Json]:
    given = marked(item, form.position)
    fields: Json = dict.fromkeys(POSITION) | read(POSITION, given)
    demand(fields, "quantity", "price", "taxRate", "unity")
    account.needed(fields["unity"])
    return _id_of(given), fields


def _given_discounts(body: Json) -> list[tuple[int | None, Json]]:
    found = []
    saved = body.get("discountSave") or []
    for item in saved if isinstance(saved, list) else [saved]:
        given = marked(item, "Discounts")
        fields: Json = dict.fromkeys(DISCOUNT) | read(DISCOUNT, given)
        demand(fields, "discount", "percentage", "value")
        found.append((_id_of(given), fields))
    return found


def _id_of(given: Json) -> int | None:
    return None if given.get("id") is None else whole(given["id"], "id")


def _kept(account: Account, existing: Record | None, kind: str, deleted: Any) -> dict[int, Json]:
    """The parts a document has now, without those to delete."""
    gone = {_id_of(item) for item in (deleted if isinstance(deleted, list) else [deleted]) if isinstance(item, dict)}
    parts = parts_of(account, existing, kind) if existing else []
    return {record.id: record.fields for record in parts if record.id not in gone}


def _merged(kept: dict[int, Json], given: Iterable[tuple[int | None, Json]]) -> tuple[tuple[int | None, Json], ...]:
    """Parts with a known id are changed, all others are added: so sending them again doubles them."""
    added: list[tuple[int | None, Json]] = []
    changed = dict(kept)
    for id_, fields in given:
        if id_ in changed:
            changed[id_] = changed[id_] | fields
        else:
            added.append((None, fields))
    return (*changed.items(), *added)


def _summed(fields: Json, positions: Iterable[tuple[Any, Json]], discounts: Iterable[tuple[Any, Json]]) -> Json:
    show_net = fields["showNet"] is not False
    found = sums.sums_of([p for _, p in positions], [d for _, d in discounts], show_net=show_net)
    if found.totals.gross < 0:
        raise refused("The sum of the document must not be negative")
    return fields | {"showNet": show_net} | sums.sum_fields(found)


def _complete(form: Form, document: Record, fields: Json, show_net: bool, index: int) -> Json:
    """A position with its owner, its place and the prices that follow."""
    place = {"positionNumber": index if fields["positionNumber"] is None else fields["positionNumber"]}
    found = {form.key: document.ref} | fields | place | sums.price_fields(fields, show_net=show_net)
    return found | (sums.accounting_fields(fields, show_net=show_net) if form is INVOICE else {})


def _replace(account: Account, document: Record, kind: str, parts: list[tuple[int | None, Json]]) -> None:
    kept = {id_ for id_, _ in parts}
    for record in parts_of(account, document, kind):
        if record.id not in kept:
            account.remove(record)
    for id_, fields in parts:
        if id_ is None:
            account.add(kind, fields)
        else:
            account.change(account.needed(Ref(id_, kind)), **fields)
