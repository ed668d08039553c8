"""The request journal: one JSON line for each API request, also for those that got no answer."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

_WORDS = {
    "profile": "profile",
    "contacts": "contacts",
    "voucherlist": "voucher list",
    "payments": "payment",
    "payment-conditions": "payment conditions",
    "quotations": "quotation",
    "files": "file",
    "order-confirmations": "order confirmation",
    "delivery-notes": "delivery note",
    "invoices": "invoice",
    "credit-notes": "credit note",
    "dunnings": "dunning",
    "event-subscriptions": "event subscription",
}
_VERBS = {"GET": "read", "POST": "create", "PUT": "change", "DELETE": "delete"}


@dataclass(frozen=True)
class Entry:
    """One API request; `status` is None when the connection was cut without an answer."""

    n: int
    real_time: str
    sandbox_time: str
    system: str
    method: str
    path: str
    query: str
    status: int | None
    purpose: str
    executed: bool
    fault: str | None
    milliseconds: int


def purpose_of(method: str, path: str) -> str:
    """What a request is for, in words, e.g. 'read file of invoice'; empty when it cannot be inferred."""
    parts = [part for part in path.split("/") if part]
    if parts[:2] == ["api", "v1"] and len(parts) > 2 and method in _VERBS:
        return _purpose_in_sevdesk(method, *parts[2:])
    if parts[:2] == ["v3", "printjobs"] and method in _VERBS:
        return f"{_VERBS[method]} letter" if len(parts) > 2 or method == "POST" else "read letter list"
    if len(parts) < 2 or parts[0] != "v1" or method not in _VERBS:
        return ""
    noun = _WORDS.get(parts[1], parts[1])
    return f"{_VERBS[method]} {parts[3]} of {noun}" if len(parts) > 3 else f"{_VERBS[method]} {noun}"


def _purpose_in_sevdesk(method: str, resource: str, *rest: str) -> str:
    """Calls of a factory or on one record are named after themselves, e.g. 'save invoice', 'get pdf of invoice'."""
    noun = _spaced(resource)
    match rest:
        case ():
            return f"{_VERBS[method]} {noun} list" if method == "GET" else f"{_VERBS[method]} {noun}"
        case (str(id_),) if id_.isdigit():
            return f"{_VERBS[method]} {noun}"
        case (str(id_), action, *_) if id_.isdigit():
            return f"{_spaced(action)} of {noun}"
    return _spaced(rest[-1])


def _spaced(name: str) -> str:
    """'createInvoiceFromOrder' as 'create invoice from order'."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()


class Journal:
    """Keeps every entry in memory and in `requests.jsonl`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.entries: list[Entry] = []
        path.write_text("", encoding="utf-8")

    def add(self, **facts: object) -> None:
        """Number and write one entry; `facts` are the fields of Entry except n and purpose."""
        purpose = purpose_of(str(facts["method"]), str(facts["path"]))
        entry = Entry(n=len(self.entries) + 1, purpose=purpose, **facts)  # type: ignore[arg-type]
        self.entries.append(entry)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
