"""`receive` as its own process: from a job done in the accounting system to the customer's mailbox, by callback."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from config.settings import PREFIX
from flows.chain.steps import COLLECT
from flows.report import Result
from ledger import callbacks
from tests.flows.business import CLIENT, Business
from tests.sandbox.running import ROOT, eventually

PATIENCE = 60
"""Seconds until a test gives up; on an idle machine everything comes within a few."""


@contextmanager
def receiving(business: Business, *options: str) -> Iterator[None]:
    """The running receiver, once it has subscribed to what it wants at the stage."""
    business.stage.control("settings", {"https_callbacks_only": False, "probe_callbacks": True})
    port = free_port()
    command = [sys.executable, "-m", "desk.cli", "receive", "--port", str(port), *options]
    names = {name: getattr(business.settings, name) for name in ("home", "clients", "secrets")}
    ours = {PREFIX + name.upper(): str(value) for name, value in names.items()}
    ours[PREFIX + "CALLBACK_URL"] = f"http://127.0.0.1:{port}"
    with (business.folder / "receive.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | ours, stdout=log, stderr=log)
        try:
            assert eventually(lambda: "token.revoked" in subscribed(business), PATIENCE), told(business)
            yield
        finally:
            process.terminate()
            assert process.wait(PATIENCE) == 0


def free_port() -> int:
    """A port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def subscribed(business: Business) -> set[str]:
    """The events that somebody has subscribed to."""
    return {found["eventType"] for found in business.stage.read("event-subscriptions")["content"]}


def told(business: Business) -> str:
    """What the receiver has said."""
    return (business.folder / "receive.log").read_text("utf-8")


@pytest.fixture
def called(business: Business) -> Business:
    """A business that knows the stage's public key, on a stage whose lists lag as Lexware's do."""
    text, key = business.client_file.read_text("utf-8"), business.stage.ready["webhook_public_key"]
    business.client_file.write_text(text.replace("    signal:", f"    webhook_public_key: {key}\n    signal:"), "utf-8")
    business.stage.control("index-lag", {"seconds": 1.5})
    return business


def keep_callback(business: Business, external_id: str) -> None:
    """A callback that was written down by a receiver which died then."""
    now = datetime.now(UTC)
    callback = callbacks.Callback("lexware", external_id, "delivery-note.created", "jobs", external_id, now)
    with business.house() as house, house.ledger.writing() as session:
        assert callbacks.keep(session, CLIENT, callback, now)


@pytest.mark.slow
def test_a_finished_job_reaches_the_mailbox_by_callback(called: Business) -> None:
    """Nobody polls: the callback alone brings the invoice to the customer, once, although it comes three times.

    What a crash left unanswered is answered at the start. A lost callback costs nothing: the next run finds the job.
    """
    keep_callback(called, called.finished_job()["id"])
    with receiving(called, "--run", "--every", "0"):
        assert eventually(called.mails, PATIENCE), told(called)
        called.stage.control("callbacks", {"copies": 3})
        started = time.monotonic()
        called.finished_job()
        assert eventually(lambda: len(called.mails()) == 2, PATIENCE), told(called)
        print(f"job done -> mailbox: {time.monotonic() - started:.1f} s")  # noqa: T201
        assert "read voucher list" not in {entry["purpose"] for entry in called.requests()}
        called.stage.control("callbacks", {"lose": 10})
        called.finished_job()
        called.stage.control("index-lag", {"seconds": 0})
        assert called.run(COLLECT)["collect"].count(Result.DONE) == 1
        assert len(called.mails()) == len(called.upstream()) == 2
