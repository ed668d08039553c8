"""The operator's contract: commands, exit codes, German words for people and JSON for machines."""

import json

import pytest

from tests.desk.commands import command, in_json, invoked
from tests.flows.business import TODAY, Business
from tests.sandbox.running import line

NOW = TODAY[:19]


def test_run_and_look(business: Business) -> None:
    """run ends with 0 when all is fine, and status, show and why tell the same story in both forms."""
    business.finished_job()
    ran = command(business, "run", "--at", NOW)
    assert (ran.returncode, "2 erledigt" in ran.stdout) == (0, True)
    told = in_json(business, "status")
    assert [item["standing"] for item in told["receivables"]] == ["überfällig"]
    assert told["clients"]["sommer"]["send-invoice"] == {"done": 1}
    assert "RE1001" in command(business, "status").stdout
    timeline = in_json(business, "show", "re1001")
    assert [document["kind"] for document in timeline["documents"]] == ["invoice-pdf", "invoice-xml", "invoice-mail"]
    assert timeline["timeline"][-1]["event"] == "send-invoice done"
    assert "Rechnungsmail erledigt" in command(business, "show", "RE1001").stdout
    assert "noch nicht entschieden" in command(business, "why", "RE1001").stdout


def test_something_held_ends_with_one(business: Business) -> None:
    """A held job makes run end with 1 and stands in status with its reason."""
    business.finished_job(lineItems=[line(1, 0)])
    for _ in range(2):
        assert command(business, "run", "--at", NOW).returncode == 1
    (case,) = in_json(business, "status")["cases"]
    assert (case["state"], "über null" in case["reason"]) == ("held", True)


def test_a_mistake_in_a_file_ends_with_two(business: Business) -> None:
    """A misspelt key is told with file, line and the right word, by check and by run."""
    file = business.folder / "clients" / "sommer.yaml"
    file.write_text(file.read_text("utf-8").replace("days_until_due", "days_untill_due"), "utf-8")
    for name in ("check", "run"):
        ended = command(business, name)
        assert ended.returncode == 2
        assert "sommer.yaml:" in ended.stderr
        assert "days_until_due" in ended.stderr


def test_a_folder_that_cannot_be_made_is_told(business: Business) -> None:
    """A file where a folder should be ends in a sentence that names it."""
    blocked = business.folder / "belegt"
    blocked.write_text("", "utf-8")
    for ended in (
        command(business, "preview", "rechnung", "--folder", str(blocked)),
        command(business, "demo", "--folder", str(blocked)),
        command(business, "db", "upgrade", HOME=str(blocked)),
    ):
        assert (ended.returncode, "Traceback" in ended.stderr, "belegt" in ended.stderr) == (3, False, True)


def test_what_the_system_says_of_a_file_is_german(business: Business) -> None:
    """A file that is missing or none, and one where a folder should be, are told without the system's English."""
    folder, file = business.folder, business.folder / "belegt"
    file.write_text("", "utf-8")
    asked = [
        ("base-rates", "read", str(folder / "fehlt.csv")), ("base-rates", "read", str(folder)),
        ("base-rates", "read", str(file / "darunter.csv")), ("preview", "rechnung", "--folder", str(file)),
    ]  # fmt: skip
    told = [" ".join(command(business, *words).stderr.split()) for words in asked]
    for answer, said in zip(told, ("das gibt es nicht", "ein Ordner", "kein Ordner", "das gibt es schon"), strict=True):
        assert said in answer


def test_nothing_to_tell_is_told(business: Business) -> None:
    """A newcomer's lists answer with a sentence instead of silence."""
    for words in (("tasks",), ("payment", "list"), ("users", "list")):
        assert command(business, *words).stdout.startswith("Keine ")
    business.client_file.unlink()
    assert "Keine Mandanten" in command(business, "clients").stdout


def test_a_broken_file_is_told_by_every_list(business: Business) -> None:
    """Whoever leaves out a client whose file has a mistake says so once and ends with 2, and does the rest before."""
    broken = business.client_file.parent / "meier.yaml"
    broken.write_text("name: meier\nactiv: true\n", "utf-8")
    lists = ["status", "tasks", "run", "plan", "approvals", "checks", "analysis", "dunning-preview", "payment list"]
    for words in (*lists, "bounce list", "webhooks list", "events list", "account show", "times", "contracts"):
        ended = invoked(business, *words.split())
        assert (words, ended.exit_code, ended.stderr.count("meier.yaml:2  activ ")) == (words, 2, 1)
        named = invoked(business, *words.split(), "--client", "sommer")
        assert (words, "meier" in named.stderr) == (words, False), "it is not about him"
    told = json.loads(command(business, "status", "--json").stdout)
    assert (list(told["clients"]), "meier.yaml:2  activ" in "".join(told["problems"])) == (["sommer"], True)


def test_machines_get_one_document(business: Business) -> None:
    """--json is one document on standard output: of a dry run, of a decision made once more, beside a broken file."""
    business.finished_job()
    rehearsed = in_json(business, "run", "--dry-run", "--at", NOW)
    assert ({report["client"] for report in rehearsed["reports"]}, len(rehearsed["would_leave"])) == ({"sommer"}, 1)
    command(business, "run", "--at", NOW)
    assert in_json(business, "why", "RE1001", "--recompute")["is_same_again"] is None
    (business.client_file.parent / "meier.yaml").write_text("name: meier\n", "utf-8")
    listed = command(business, "clients", "--json")
    assert (listed.returncode, "meier.yaml" in listed.stderr) == (2, True)
    assert json.loads(listed.stdout)["problems"]


def test_a_missing_secret_ends_with_two(business: Business) -> None:
    """check names the secret that is missing, where it is wanted and how to give it."""
    (business.folder / "secrets" / "lexware").unlink()
    ended = command(business, "check")
    assert (ended.returncode, "systems.lexware.api_key" in ended.stderr) == (2, True)


def test_nothing_reachable_ends_with_three(business: Business) -> None:
    """When the accounting system does not answer at all, run says so and ends with 3."""
    business.write_client(http="http://127.0.0.1:9")
    ended = command(business, "run", "--at", NOW)
    assert (ended.returncode, "nicht erreichbar" in ended.stdout) == (3, True)


def test_an_unreachable_database_ends_with_three(business: Business) -> None:
    """A database that does not answer is a sentence with the cure, without the password."""
    url = "postgresql+psycopg://someone:geheim@127.0.0.1:9/none"
    ended = command(business, "status", DATABASE_URL=url)
    assert ended.returncode == 3
    assert "RECHNUNGSBOTE_DATABASE_URL" in ended.stderr
    assert "geheim" not in ended.stderr


def test_an_unknown_number_is_told(business: Business) -> None:
    """show and why of an unknown number end with 2 and a sentence."""
    ended = command(business, "show", "RE4711")
    assert (ended.returncode, "kennt das Hauptbuch nicht" in ended.stderr) == (2, True)


def test_db_upgrade_makes_a_ledger(business: Business) -> None:
    """db upgrade works on an empty folder and again on a finished one."""
    (business.folder / "var" / "ledger.db").unlink()
    for _ in range(2):
        assert command(business, "db", "upgrade").returncode == 0
    assert (business.folder / "var" / "ledger.db").exists()


@pytest.mark.parametrize("name", ["demo", "check", "run", "status", "show", "why", "db", "deployments"])
def test_every_command_has_help(business: Business, name: str) -> None:
    """--help says in German what a command does."""
    ended = command(business, name, "--help")
    assert ended.returncode == 0
    assert "Aufruf: " in ended.stdout
    assert "─ Optionen ─" in ended.stdout
    assert "─ Options ─" not in ended.stdout


def test_a_mistyped_command_ends_with_two(business: Business) -> None:
    """The frame is German, names what may have been meant, and where help is."""
    ended = command(business, "statu")
    assert ended.returncode == 2
    assert all(words in ended.stderr for words in ("Fehler: ", "'status'", "Hilfe: rechnungsbote --help"))


def test_verify_names_a_flipped_bit(business: Business) -> None:
    """verify finds nothing in a sound archive and names the file in which one bit was changed."""
    business.finished_job()
    command(business, "run", "--at", NOW)
    assert command(business, "verify").returncode == 0
    victim = next(path for path in (business.folder / "var" / "archive").rglob("*") if path.is_file())
    content = bytearray(victim.read_bytes())
    content[100] ^= 1
    victim.chmod(0o600)
    victim.write_bytes(bytes(content))
    ended = command(business, "verify")
    assert (ended.returncode, victim.name in ended.stderr) == (1, True)


def test_a_decision_needs_a_reason(business: Business) -> None:
    """A decision is made by name and reason, works once, and stands in the timeline."""
    business.finished_job()
    business.fault(smtp="rcpt-550")
    command(business, "run", "--at", NOW)
    assert command(business, "retry", "RE1001").returncode == 2
    words = ("give-up", "RE1001", "--reason", "Kunde ist umgezogen", "--by", "Frau Sommer")
    assert command(business, *words).returncode == 0
    assert command(business, *words).returncode == 1
    assert "Von Hand: aufgegeben" in command(business, "show", "RE1001").stdout


def test_secrets_stay_out_of_every_output(business: Business) -> None:
    """Neither a failing login nor a refused key brings a secret to the screen, however much is logged."""
    business.finished_job()
    business.fault(smtp="auth-535", times=None)
    ended = command(business, "run", "--at", NOW, LOG_LEVEL="DEBUG")
    secrets = [(business.folder / "secrets" / name).read_text() for name in ("lexware", "smtp")]
    assert not any(secret in ended.stdout + ended.stderr for secret in secrets)


@pytest.mark.parametrize(("name", "said"), [("erp\nzwei", "in einer Zeile"), ("", "1 bis"), ("e" * 500, "1 bis")])
def test_a_name_that_cannot_be_is_told_why(business: Business, name: str, said: str) -> None:
    """A line break is no matter of length."""
    ended = command(business, "tokens", "add", name, "--role", "office")
    assert (ended.returncode != 0, said in ended.stderr) == (True, True)
