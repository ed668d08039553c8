"""backup and restore by their commands, on a business whose invoice went the whole way."""

from pathlib import Path

from tests.desk.commands import command, in_json
from tests.flows.business import TODAY, Business

NOW = TODAY[:19]


def test_a_backup_comes_back_somewhere_else(business: Business, tmp_path: Path) -> None:
    """backup, the drill and restore into an empty place end with 0; the new place tells the same story."""
    business.finished_job()
    command(business, "run", "--at", NOW)
    folder = _backed_up(business, tmp_path / "safe")

    drill = in_json(business, "restore", "--check", str(folder))
    assert (drill["faults"], drill["documents"], drill["sent_again"]) == ([], 3, 0)
    assert (folder / "clients" / "sommer.yaml").exists()
    assert not list(folder.rglob("secrets"))

    elsewhere = {"HOME": str(tmp_path / "new-home")}
    told = in_json(business, "restore", str(folder), **elsewhere)
    assert (told["documents"], told["adopted"], told["faults"]) == (3, False, [])
    assert command(business, "verify", **elsewhere).returncode == 0
    assert in_json(business, "status", **elsewhere)["receivables"] == in_json(business, "status")["receivables"]

    again = command(business, "restore", str(folder), **elsewhere)
    assert (again.returncode, "nicht leer" in again.stderr) == (1, True)


def test_the_drill_finds_a_flipped_bit(business: Business, tmp_path: Path) -> None:
    """A document of the backup that was changed is named, and the drill ends with 1."""
    business.finished_job()
    command(business, "run", "--at", NOW)
    folder = _backed_up(business, tmp_path / "safe")
    victim = next(path for path in (tmp_path / "safe" / "archive").rglob("*") if path.is_file())
    victim.chmod(0o600)
    victim.write_bytes(victim.read_bytes()[:-1] + b"?")

    ended = command(business, "restore", "--check", str(folder))

    assert (ended.returncode, victim.name in ended.stderr) == (1, True)


def test_the_drill_speaks_german(business: Business, tmp_path: Path) -> None:
    """What stood where, and when, is told in the words of status."""
    business.finished_job()
    business.run()
    folder = _backed_up(business, tmp_path / "safe")
    told = command(business, "restore", "--check", str(folder)).stdout
    assert "Rechnungsmails" in told
    assert "erledigt" in told
    assert "+00:00" not in told


def test_the_drill_shows_what_would_be_cleared_up_first(business: Business, tmp_path: Path) -> None:
    """A mail that waited when the backup was made may have left since: it is looked into, not sent again."""
    business.finished_job()
    business.fault(smtp="rcpt-450", times=None)
    command(business, "run", "--at", NOW)

    drill = in_json(business, "restore", "--check", str(_backed_up(business, tmp_path / "safe")))

    assert (drill["faults"], drill["to_look_up"], drill["sent_again"]) == ([], 1, 0)


def test_a_target_that_cannot_be_written(business: Business, tmp_path: Path) -> None:
    """A backup into a place that is a file ends with 3 and a sentence with the cure."""
    (tmp_path / "safe").write_text("occupied", "utf-8")

    ended = command(business, "backup", str(tmp_path / "safe"))

    assert (ended.returncode, "Abhilfe" in ended.stderr) == (3, True)


def _backed_up(business: Business, target: Path) -> Path:
    folder = target / str(in_json(business, "backup", str(target))["folder"])
    assert folder.is_dir()
    return folder
