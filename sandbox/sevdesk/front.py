"""What stands before the API: the bare token in the header, and the refusals."""

import hmac
import json
from collections.abc import Callable

from sandbox.answer import Answer
from sandbox.sevdesk.errors import error_body

JSON = (b"content-type", b"application/json; charset=utf-8")
WORDS = {
    401: "Authentication required",
    402: "Payment required",
    403: "You do not have the permission to access this resource",
    409: "Conflict",
    422: "Validation error",
    429: "Too many requests",
    500: "Internal server error",
}
USUAL_WAIT = "1"
_PAGE = "<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>"
_TITLES = {503: "503 Service Temporarily Unavailable", 504: "504 Gateway Time-out"}


def token_check(token: Callable[[], str]) -> Callable[[bytes], bool]:
    """Whether an Authorization header is the token that holds now, bare: no Bearer, no Token before it."""
    return lambda given: hmac.compare_digest(given, token().encode())


def refuse(status: int, text: str | None = None, retry_after: str | None = None) -> Answer:
    """An answer in the API's error form; 503 and 504 are pages of the proxy, 429 has a Retry-After unless it is ''."""
    if status in _TITLES:
        page = _PAGE.format(title=_TITLES[status]).encode()
        return Answer(status, page, [(b"content-type", b"text/html; charset=utf-8")])
    headers = [JSON]
    if status == 429 and retry_after != "":
        headers.append((b"retry-after", (retry_after or USUAL_WAIT).encode()))
    return Answer(status, json.dumps(error_body(status, text or WORDS[status])).encode(), headers)
