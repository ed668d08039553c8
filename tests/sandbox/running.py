"""A running stage process and short ways to talk to it over real HTTP and SMTP."""

import json
import os
import smtplib
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
START = "2026-11-02T08:00:00+01:00"
START_SECONDS = 60


class Stage:
    """A running stage and short ways to talk to it."""

    def __init__(self, process: "subprocess.Popen[str]", ready: Json) -> None:
        self.process, self.ready = process, ready
        self.folder = Path(ready["folder"])
        headers = {"Authorization": f"Bearer {ready['api_key']}", "Accept": "application/json"}
        self.http = httpx.Client(base_url=ready["http"], headers=headers, timeout=60)

    def get(self, path: str, **query: Any) -> httpx.Response:
        """GET below /v1."""
        return self.http.get(f"/v1/{path}", params=query)

    def post(self, path: str, body: Any, **query: Any) -> httpx.Response:
        """POST JSON below /v1."""
        return self.http.post(f"/v1/{path}", json=body, params=query)

    def made(self, path: str, body: Json, **query: Any) -> Json:
        """POST a document that must succeed and read it back."""
        answer = self.post(path, body, **query)
        assert answer.status_code == 201, answer.text
        return self.read(f"{path}/{answer.json()['id']}")

    def read(self, path: str, **query: Any) -> Json:
        """GET that must succeed."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def control(self, path: str, body: Json | None = None) -> Any:
        """GET, or POST when there is a body, on the control interface."""
        url = f"/_control/{path}"
        answer = self.http.get(url) if body is None else self.http.post(url, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def smtp(self, *, login: bool = True) -> smtplib.SMTP:
        """A client connection, after STARTTLS and login if wanted."""
        facts = self.ready["smtp"]
        client = smtplib.SMTP(facts["host"], facts["port"], timeout=60)
        client.ehlo()
        if login:
            client.starttls(context=ssl.create_default_context(cafile=facts["ca_file"]))
            self._login(client)
        return client

    def _login(self, client: smtplib.SMTP) -> None:
        facts = self.ready["smtp"]
        try:
            client.login(facts["username"], facts["password"])
        except smtplib.SMTPException:
            client.close()
            raise


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Stage]:
    """A stage process with the given options; it must end cleanly on SIGTERM."""
    command = [sys.executable, "-m", "sandbox", "--folder", str(folder), "--now", START, *options]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with (folder.parent / "stderr.txt").open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert process.stdout is not None
        try:
            stage = Stage(process, json.loads(process.stdout.readline()))
            yield stage
            stage.http.close()
        finally:
            process.terminate()
            assert process.wait(START_SECONDS) == 0
            process.stdout.close()


def line(quantity: float, price: float, rate: float = 19, price_name: str = "netAmount", **more: Any) -> Json:
    """One free line item."""
    unit_price = {"currency": "EUR", price_name: price, "taxRatePercentage": rate}
    return {
        "type": "custom",
        "name": "Arbeit",
        "quantity": quantity,
        "unitName": "Stunde",
        "unitPrice": unit_price,
    } | more


def eventually(condition: Any, seconds: float = 30) -> bool:
    """Whether a condition becomes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
