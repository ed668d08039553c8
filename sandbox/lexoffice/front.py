"""What stands before Lexware's API: the bearer key and the refusals of the gateway, {"message": ...}."""

import hmac
from collections.abc import Callable

from sandbox.answer import Answer, message

TIMED_OUT = "Endpoint request timed out"
WORDS = {402: "Payment Required", 403: "Forbidden", 504: TIMED_OUT}


def key_check(api_key: str) -> Callable[[bytes], bool]:
    """Whether an Authorization header is `Bearer <key>`."""
    expected = b"Bearer " + api_key.encode()
    return lambda given: hmac.compare_digest(given, expected)


def refuse(status: int, text: str | None = None, retry_after: str | None = None) -> Answer:
    """An answer of the gateway; the only 429 ever measured had no usable Retry-After."""
    if status == 401:
        return message(401, "Unauthorized", x_amzn_errortype="UnauthorizedException")
    if status == 429:
        return message(429, "Rate limit exceeded", **({"retry_after": retry_after} if retry_after else {}))
    return message(status, text or WORDS.get(status))
