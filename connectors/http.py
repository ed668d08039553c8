"""One way to speak HTTP with a foreign system: explicit limits, strict JSON, patience, and only our errors."""

import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_random_exponential

from connectors import strict_json
from connectors.breaker import breaker_for
from connectors.errors import ConnectorError, OutcomeUnknown, TryLater, Unavailable
from connectors.http_faults import NOTHING_SENT, Attempt, says_message
from connectors.rate import Bucket, account_key
from connectors.settings import Patience, Timeouts

MIB = 1024 * 1024
JSON_LIMIT = 5 * MIB
FILE_LIMIT = 20 * MIB
COMPLAINT_LIMIT = 64 * 1024
_JSON_TYPE = re.compile(r"application/(?:[\w.+-]+\+)?json\b", re.IGNORECASE)

Params = Mapping[str, str | int]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask: `purpose` is counted, `limit` is the most bytes a decoded answer may have."""

    method: str
    path: str
    purpose: str
    accept: str
    limit: int
    params: Params = field(default_factory=dict)
    content: bytes | None = None
    content_type: str = "application/json"
    further: Mapping[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of this request, without the credentials."""
        said = {"Accept": self.accept} | dict(self.further)
        return said if self.content is None else said | {"Content-Type": self.content_type}


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer with a status below 300."""

    content_type: str
    body: bytes


def open_client(
    base_url: str,
    headers: Mapping[str, str],
    timeouts: Timeouts,
    ca_file: Path | None = None,
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """An httpx client without redirects, proxies or .netrc from the environment; with `ca_file` only that CA counts."""
    return httpx.Client(
        base_url=base_url,
        headers=dict(headers),
        timeout=httpx.Timeout(connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.pool),
        verify=_trust(ca_file) if transport is None else True,
        follow_redirects=False,
        trust_env=False,
        transport=transport,
    )


@lru_cache
def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """Whom we believe; reading the system's certificates takes long, so each choice is read once per process."""
    return ssl.create_default_context(cafile=ca_file)


class HttpClient:
    """Requests to one account of one system. `complaint_in` reads that system's error bodies."""

    def __init__(
        self,
        system: str,
        client: httpx.Client,
        bucket: Bucket,
        patience: Patience,
        *,
        total_timeout: float,
        secrets: tuple[str, ...] = (),
        complaint_in: Callable[[Any], str] = says_message,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.system = system
        self.bucket = bucket
        self.breaker = breaker_for(bucket.account or account_key(str(client.base_url)), system)
        self._client = client
        self._total_timeout = total_timeout
        self._secrets = secrets
        self._complaint_in = complaint_in
        self._sleep = sleep
        self._jitter = wait_random_exponential(multiplier=1, max=patience.longest_wait)
        self._retrying = Retrying(
            stop=stop_after_attempt(patience.tries) | stop_before_delay(patience.budget),
            wait=self._pause,
            retry=retry_if_exception_type(TryLater),
            sleep=sleep,
            reraise=True,
        )

    def __repr__(self) -> str:
        return f"HttpClient({self.system!r}, {str(self._client.base_url)!r})"

    def get(
        self, path: str, purpose: str, params: Params | None = None, limit: int = JSON_LIMIT, payload: Any = None
    ) -> Any:
        """The JSON of a read, repeated while that makes sense; the answer has at most `limit` bytes.

        Some systems want a body even here, `payload`.
        """
        request = Request("GET", path, purpose, "application/json", limit, params or {}, _content(payload))
        return self._retrying.copy()(self._json, request)

    def get_file(self, path: str, purpose: str, content_type: str) -> bytes:
        """The bytes of a file of that content type."""
        return self._retrying.copy()(self._file, Request("GET", path, purpose, content_type, FILE_LIMIT))

    def post(self, path: str, purpose: str, payload: Any, params: Params | None = None) -> Any:
        """The JSON answer to a write; repeated only where provably nothing was done (429, no connection)."""
        return self._write("POST", path, purpose, payload, params)

    def put(self, path: str, purpose: str, payload: Any) -> Any:
        """The JSON answer to a change; repeated like a `post`, although its effect would be the same twice."""
        return self._write("PUT", path, purpose, payload, None)

    def delete(self, path: str, purpose: str, payload: Any = None) -> None:
        """Delete something; whatever the body of the answer is, its status counts."""
        request = Request("DELETE", path, purpose, "application/json", JSON_LIMIT, {}, _content(payload))
        self._retrying.copy()(self._answer, request)

    def ask(self, request: Request) -> bytes:
        """The body of the answer to a request that is not JSON, of whatever type; repeated like any other."""
        return self._retrying.copy()(self._answer, request).body

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _write(self, method: str, path: str, purpose: str, payload: Any, params: Params | None) -> Any:
        request = Request(method, path, purpose, "application/json", JSON_LIMIT, params or {}, _content(payload))
        return self._retrying.copy()(self._json, request)

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        named = error.retry_after if isinstance(error, TryLater) else None
        return self._jitter(state) if named is None else named

    def _json(self, request: Request) -> Any:
        answer = self._answer(request)
        if not _JSON_TYPE.match(answer.content_type):
            raise self._attempt(request).unreadable(f"Content-Type {answer.content_type!r}")
        try:
            return strict_json.loads(answer.body)
        except ValueError as fault:
            raise self._attempt(request).unreadable(f"{type(fault).__name__}: {fault}") from fault

    def _file(self, request: Request) -> bytes:
        answer = self._answer(request)
        if answer.content_type.partition(";")[0].strip().lower() != request.accept:
            raise self._attempt(request).unreadable(f"Content-Type {answer.content_type!r}")
        return answer.body

    def _answer(self, request: Request) -> Answer:
        self.breaker.check()
        self._wait_for_token(request.purpose)
        try:
            with self._translated(request), self._stream(request) as response:
                if response.status_code >= 300:
                    raise self._refused(request, response)
                answer = Answer(response.headers.get("Content-Type", ""), self._body(request, response))
        except (Unavailable, OutcomeUnknown):
            self.breaker.failed()
            raise
        except ConnectorError:
            self.breaker.went_well()
            raise
        self.breaker.went_well()
        self.bucket.speed_up()
        return answer

    def _wait_for_token(self, purpose: str) -> None:
        wait = self.bucket.reserve(purpose)
        if wait:
            self._sleep(wait)

    def _stream(self, request: Request) -> Any:
        return self._client.stream(
            request.method, request.path, params=request.params, content=request.content, headers=request.headers
        )

    def _refused(self, request: Request, response: httpx.Response) -> Exception:
        if response.status_code == 429:
            self.bucket.slow_down()
        return self._attempt(request).refused(response.status_code, response.headers, _beginning(response))

    def _body(self, request: Request, response: httpx.Response) -> bytes:
        body = bytearray()
        deadline = time.monotonic() + self._total_timeout
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > request.limit:
                raise self._attempt(request).unreadable(f"more than {request.limit} bytes")
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout(f"answer not complete after {self._total_timeout} s")
        return bytes(body)

    @contextmanager
    def _translated(self, request: Request) -> Iterator[None]:
        try:
            yield
        except NOTHING_SENT as fault:
            raise self._attempt(request).no_connection(fault) from fault
        except httpx.DecodingError as fault:
            raise self._attempt(request).unreadable(type(fault).__name__) from fault
        except httpx.TransportError as fault:
            raise self._attempt(request).broken_off(fault) from fault

    def _attempt(self, request: Request) -> Attempt:
        return Attempt(self.system, request.method, request.path, self._secrets, self._complaint_in)


def _content(payload: Any) -> bytes | None:
    return None if payload is None else strict_json.dumps(payload)


def _beginning(response: httpx.Response) -> bytes:
    """As much of an error body as arrives; the status counts even if the body is cut."""
    try:
        return next(response.iter_bytes(COMPLAINT_LIMIT), b"")
    except (httpx.TransportError, httpx.DecodingError):
        return b""
