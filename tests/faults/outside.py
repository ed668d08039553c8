"""Judging from outside: what the accounting system, the mail server and the request log saw, against P1 to P23.

Nothing here looks into the ledger but `cases`, which is what `status` tells the operator.
"""

import email
import email.policy
import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import lru_cache

import pypdf

from ledger.overview import Case
from tests.faults.crashing import Ended
from tests.flows.business import Business
from tests.sandbox.running import Json

POST_INVOICE = ("POST", "/v1/invoices")
FRESH = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a story must come to: jobs that were finished, reminders that are due, and what people allowed twice."""

    jobs: int = 1
    reminders: int = 0
    resends: int = 0
    earliest_reminder: str = "9999"
    copy_to: str = ""
    quiet: timedelta = timedelta(seconds=60)
    may_be_unknown: bool = False


@dataclass(slots=True)
class Outside:
    """Everything that can be seen without opening the ledger, and the operator's list of cases."""

    invoices: list[Json]
    requests: list[Json]
    mails: list[Json]
    bytes_of: dict[int, bytes]
    letters: list[Json]
    cases: list[Case]
    runs: Sequence[Ended] = field(default_factory=list)

    @property
    def reminders(self) -> list[Json]:
        """The mails that refer to an earlier one."""
        return [mail for mail in self.mails if self.parsed(mail)["References"]]

    def parsed(self, mail: Json) -> EmailMessage:
        """A mail as its receiver reads it."""
        return _parsed(self.bytes_of[mail["n"]])


def look(business: Business, runs: Sequence[Ended] = ()) -> Outside:
    """What stands outside now."""
    mails = business.mails()
    return Outside(
        business.upstream(),
        business.requests(),
        mails,
        {mail["n"]: (business.stage.folder / "mails" / mail["file"]).read_bytes() for mail in mails},
        business.stage.control("letters"),
        business.cases(),
        runs,
    )


def violations(seen: Outside, expected: Expected) -> list[str]:
    """Every property that does not hold, with its evidence."""
    return [found for rule in RULES for found in rule(seen, expected)]


Rule = Callable[[Outside, Expected], Iterator[str]]


def _mails_once(seen: Outside, expected: Expected) -> Iterator[str]:
    copies = Counter((mail["message_id"], *mail["envelope"]["recipients"]) for mail in seen.mails)
    for key, number in copies.items():
        if number > 1 + expected.resends:
            yield f"P1: {key} was accepted {number} times"
    for notice, number in Counter(letter["notice"] for letter in seen.letters).items():
        if number > 1:
            yield f"P1: the letter {notice} was ordered {number} times"


def _nothing_lost(seen: Outside, expected: Expected) -> Iterator[str]:
    """Sent, or listed with a reason, and never stuck: after recovery nothing is left that only time would tell."""
    wanted = expected.jobs + expected.reminders + (expected.jobs + expected.reminders if expected.copy_to else 0)
    listed = [case for case in seen.cases if case.kind != "job"]
    arrived = {(mail["message_id"], *mail["envelope"]["recipients"]) for mail in seen.mails}
    arrived |= {(letter["notice"],) for letter in seen.letters}
    if len(arrived) + len(listed) < wanted:
        yield f"P2: {wanted} mails and letters are due, {len(arrived)} arrived, {len(listed)} cases are listed"
    for case in listed:
        if not case.reason or not case.evidence:
            yield f"P2: {case.subject} is {case.state} without reason or evidence"
        if case.state != "unknown":
            yield f"P22: {case.kind} {case.subject} is still {case.state}: {case.reason}"


def _unknown_with_reason(seen: Outside, expected: Expected) -> Iterator[str]:
    unknown = [case for case in seen.cases if case.state == "unknown"]
    windows = sum(run.was_killed and _died_around_the_dot(run.points) for run in seen.runs)
    if len(unknown) > windows and not expected.may_be_unknown:
        yield f"P3: {len(unknown)} mails are unknown, only {windows} kills fell between dot and spool"
    for case in unknown:
        if not case.kind.startswith("send"):
            yield f"P3: {case.kind} {case.subject} stays unknown although it can be looked up"


def _died_around_the_dot(points: Sequence[str]) -> bool:
    """Whether the phase was committed and the spool not yet written when the run was killed."""
    if "after RCPT" not in points:
        return False
    tail = points[len(points) - 1 - list(reversed(points)).index("after RCPT") :]
    return "after commit" in tail and "after fsync" not in tail


def _same_bytes(seen: Outside, expected: Expected) -> Iterator[str]:
    forms = defaultdict(set)
    for mail in seen.mails:
        forms[mail["message_id"]].add(hashlib.sha256(seen.bytes_of[mail["n"]]).hexdigest())
    for message_id, hashes in forms.items():
        if len(hashes) > 1:
            yield f"P5: {message_id} left in {len(hashes)} forms"


def _right_paper(seen: Outside, expected: Expected) -> Iterator[str]:
    by_marker = {_marker(invoice["remark"]): invoice["voucherNumber"] for invoice in seen.invoices}
    subjects = defaultdict(set)
    for mail in seen.mails:
        subjects[mail["message_id"]].add(mail["subject"])
        number = by_marker.get(_marker(mail["message_id"].upper()), "no invoice")
        if number not in mail["subject"] or number not in _pdf_text(seen.bytes_of[mail["n"]]):
            yield f"P6: {mail['message_id']} does not carry {number}"
    for message_id, found in subjects.items():
        if len(found) > 1:
            yield f"P6: {message_id} names two documents"


def _right_recipient(seen: Outside, expected: Expected) -> Iterator[str]:
    for mail in seen.mails:
        (recipient,) = mail["envelope"]["recipients"]
        if recipient not in (str(seen.parsed(mail)["To"]), expected.copy_to):
            yield f"P7: {mail['message_id']} went to {recipient}"


def _invoices_once(seen: Outside, expected: Expected) -> Iterator[str]:
    markers = Counter(_marker(invoice["remark"]) for invoice in seen.invoices)
    for marker, number in markers.items():
        if number > 1:
            yield f"P8: {marker} stands on {number} invoices"
    if len(markers) != expected.jobs:
        yield f"P8: {expected.jobs} jobs were done, {len(markers)} invoices exist"


def _searched_before_repeating(seen: Outside, expected: Expected) -> Iterator[str]:
    """Between two POSTs that may both have acted lie two complete searches, a quiet period apart from each other."""
    searches: list[datetime] = []
    asked = 0
    for request in seen.requests:
        if (request["method"], request["path"]) == POST_INVOICE and request["status"] not in (429, 401):
            if asked >= expected.jobs and (len(searches) < 2 or searches[-1] - searches[0] < expected.quiet):
                yield f"P9: POST {request['n']} repeats after {len(searches)} searches"
            asked, searches = asked + 1, []
        elif "createdDateFrom" in request["query"] and request["status"] == 200:
            searches.append(datetime.fromisoformat(request["sandbox_time"]))


def _reminders_rest_on_readings(seen: Outside, expected: Expected) -> Iterator[str]:
    readings = [
        datetime.fromisoformat(request["real_time"])
        for request in seen.requests
        if request["status"] == 200 and ("/v1/payments/" in request["path"] or "updatedDateFrom" in request["query"])
    ]
    for mail in seen.reminders:
        left = datetime.fromisoformat(mail["received_real"])
        if not any(timedelta(0) <= left - reading <= FRESH for reading in readings):
            yield f"P11: {mail['message_id']} rests on no fresh reading of the payment"


def _stages_in_order(seen: Outside, expected: Expected) -> Iterator[str]:
    found = {mail["message_id"] for mail in seen.reminders}
    if len(found) > expected.reminders:
        yield f"P12: {len(found)} reminders left, {expected.reminders} were due"
    for mail in seen.reminders:
        if mail["received"] < expected.earliest_reminder:
            yield f"P13: {mail['message_id']} left at {mail['received']}, before its day"


def _marker(text: str) -> str:
    start = text.find("RB-")
    return text[start : start + 17] if start >= 0 else ""


def _parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


@lru_cache(maxsize=64)
def _pdf_text(raw: bytes) -> str:
    parts = [part for part in _parsed(raw).iter_attachments() if part.get_content_type() == "application/pdf"]
    files = [content for part in parts if isinstance(content := part.get_payload(decode=True), bytes)]
    return "\n".join(page.extract_text() for file in files for page in pypdf.PdfReader(io.BytesIO(file)).pages)


RULES: tuple[Rule, ...] = (
    _mails_once, _nothing_lost, _unknown_with_reason, _same_bytes, _right_paper, _right_recipient, _invoices_once,
    _searched_before_repeating, _reminders_rest_on_readings, _stages_in_order,
)  # fmt: skip
