"""The mailbox over real IMAP with TLS: every mail once and in order, faults told by who must act."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ChannelDown, NotAuthorised, NotFound
from connectors.imap import Imap, Settings, connect
from connectors.mail_folder import MailFolder
from connectors.mail_reading import LARGEST_MAIL
from connectors.protocols import Mailbox, MailPlace
from tests.sandbox.running import Stage, running

SINCE = date(2026, 11, 1)


@pytest.fixture(scope="module")
def post_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage whose inbox this module fills."""
    with running(tmp_path_factory.mktemp("imap") / "folder", "--world", "leer") as stage:
        yield stage


@pytest.fixture
def inbox(post_stage: Stage) -> Stage:
    """The stage with an empty inbox."""
    post_stage.control("reset", {})
    return post_stage


def opened(stage: Stage, **changes: Any) -> Imap:
    """A connection to the stage's inbox."""
    return connect(Settings.model_validate({**stage.ready["imap"], "timeout": 5, **changes}))


def put(stage: Stage, *subjects: str) -> None:
    """Mails arrive."""
    for subject in subjects:
        stage.control("inbox", {"text": f"From: inge@kunde.example\nSubject: {subject}\n\nGuten Tag"})


def subjects(mailbox: Mailbox, after: MailPlace | None = None, since: date = SINCE) -> list[str]:
    """The subjects of what arrives."""
    lines = [mail.content.split(b"\r\n")[1].decode() for mail in mailbox.arrivals(after, since)]
    return [line.removeprefix("Subject: ") for line in lines]


def test_mails_come_in_order_and_once(inbox: Stage) -> None:
    """After the last known place only what is new comes, and an empty answer is no repetition of the newest."""
    put(inbox, "eins", "zwei")
    mailbox = opened(inbox)
    *_, last = mailbox.arrivals(None, SINCE)
    assert subjects(mailbox) == ["eins", "zwei"]
    assert subjects(mailbox, last.place) == []
    put(inbox, "drei")
    assert subjects(mailbox, last.place) == ["drei"]


def test_new_numbers_mean_reading_again(inbox: Stage) -> None:
    """When the server numbers anew, everything since the day comes again; what is older stays away."""
    put(inbox, "eins")
    mailbox = opened(inbox)
    (only,) = mailbox.arrivals(None, SINCE)
    inbox.control("inbox/renumber", {})
    assert subjects(mailbox, only.place) == ["eins"]
    assert subjects(mailbox, only.place, date(2026, 12, 1)) == []


def test_a_huge_mail_is_cut(inbox: Stage) -> None:
    """Of a mail of many megabytes no more than the limit is fetched."""
    inbox.control("inbox", {"text": "From: inge@kunde.example\nSubject: groß\n\n" + "x" * (3 * 1024 * 1024)})
    (mail,) = opened(inbox).arrivals(None, SINCE)
    assert len(mail.content) == LARGEST_MAIL


def test_a_wrong_password_is_told_without_it(inbox: Stage) -> None:
    """A refused login asks a person, and the password stands in neither message nor evidence."""
    with pytest.raises(NotAuthorised) as caught:
        list(opened(inbox, password="geheim-4711").arrivals(None, SINCE))
    assert "geheim" not in caught.value.message + caught.value.evidence


def test_a_missing_folder_and_a_missing_server_wait(inbox: Stage) -> None:
    """What may be mended without us is tried again later."""
    for changes in ({"folder": "Rückläufer"}, {"port": 9}):
        with pytest.raises(ChannelDown, match="Posteingang"):
            list(opened(inbox, **changes).arrivals(None, SINCE))


def test_a_foreign_certificate_is_no_connection(inbox: Stage) -> None:
    """Without the authority's certificate nobody is trusted, and no password is sent."""
    with pytest.raises(ChannelDown, match="nicht erreichbar"):
        list(opened(inbox, ca_file=None).arrivals(None, SINCE))


def test_plain_text_stays_on_this_machine() -> None:
    """Without encryption only this machine is allowed."""
    with pytest.raises(ValueError, match="demselben Rechner"):
        Settings(host="imap.example", username="a", password="geheim", security="none")  # type: ignore[arg-type]


def test_a_folder_is_a_mailbox_too(tmp_path: Path) -> None:
    """Every .eml file comes, by name; links, other files and a missing folder do not pass for mails."""
    for name in ("b.eml", "a.EML", "c.txt"):
        (tmp_path / name).write_bytes(b"From: x@y.example\r\nSubject: " + name.encode() + b"\r\n\r\nText")
    (tmp_path / "z.eml").symlink_to("/etc/hostname")
    assert subjects(MailFolder(tmp_path)) == ["a.EML", "b.eml"]
    with pytest.raises(NotFound, match="anlegen"):
        list(MailFolder(tmp_path / "fort").arrivals(None, SINCE))
