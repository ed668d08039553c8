"""An account of a foreign system that a secret opens: its connection, and its share of the quota."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from connectors.http import HttpClient, open_client
from connectors.http_faults import says_message
from connectors.rate import account_key, bucket_for
from connectors.settings import Patience, Timeouts


class Terms(Protocol):
    """What a client's settings say of any system that speaks HTTP: whom to trust, how fast, how patient."""

    @property
    def ca_file(self) -> Path | None:
        """The only certificate authority to trust; None for the system's."""

    @property
    def rate(self) -> float:
        """Requests a second."""

    @property
    def burst(self) -> float:
        """Requests in a row."""

    @property
    def timeouts(self) -> Timeouts:
        """Seconds for the parts of a request."""

    @property
    def patience(self) -> Patience:
        """How a request is repeated."""


class Account:
    """What every connection to an account can say of its quota."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    @property
    def account(self) -> str:
        """The account's name in the shared quota; empty where quota is not shared."""
        return self._http.bucket.account

    def seconds_for(self, requests: int) -> float:
        """How long the quota makes so many requests take at least, at its present pace."""
        return self._http.bucket.seconds_for(requests)

    @property
    def requests(self) -> Counter[str]:
        """How many requests this process has made on the account, by purpose."""
        return Counter(self._http.bucket.counts)


def open_account(
    system: str,
    base_url: str,
    terms: Terms,
    headers: Mapping[str, str],
    secrets: tuple[str, ...],
    transport: httpx.BaseTransport | None,
    sleep: Callable[[float], None],
    complaint_in: Callable[[Any], str] = says_message,
) -> HttpClient:
    """The connection; all to one address with the same first secret share one token bucket."""
    client = open_client(base_url, headers, terms.timeouts, terms.ca_file, transport)
    return HttpClient(
        system,
        client,
        bucket_for(account_key(base_url, secrets[0]), terms.rate, terms.burst, system),
        terms.patience,
        total_timeout=terms.timeouts.total,
        secrets=secrets,
        complaint_in=complaint_in,
        sleep=sleep,
    )


def segment(external_id: str) -> str:
    """A foreign id as one segment of a path."""
    return quote(external_id, safe="")
