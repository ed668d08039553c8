"""health and metrics: what monitoring asks."""

from prometheus_client.parser import text_string_to_metric_families

from desk.health import points_of
from tests.desk.commands import command, in_json
from tests.flows.business import TODAY, Business


def test_metrics_repeat_the_ledger(business: Business) -> None:
    """Prometheus' own parser reads the figures: one invoice on the board, nothing held, no customer named."""
    business.finished_job()
    command(business, "run", "--at", TODAY[:19])

    told = command(business, "metrics").stdout

    samples = [sample for family in text_string_to_metric_families(told) for sample in family.samples]
    items = {(each.labels["kind"], each.labels["state"]): each.value for each in samples if each.name.endswith("items")}
    assert items["send-invoice", "done"] == 1
    assert sum(each.value for each in samples if each.name == "rechnungsbote_open_euro") > 0
    assert "Özdemir" not in told
    assert "RE1001" not in told


def test_health_of_a_sound_installation(business: Business) -> None:
    """Everything is in order, and the exit code says so."""
    assert in_json(business, "health")["fine"] is True


def test_health_names_what_is_wrong(business: Business) -> None:
    """A database that does not answer and an archive below a file are told with their cure; the rest is judged."""
    blocked = business.folder / "blocked"
    blocked.write_text("a file", "utf-8")
    settings = business.settings.model_copy(
        update={"database_url": "postgresql+psycopg://nobody@127.0.0.1:9/none", "archive": str(blocked / "archive")}
    )

    wrong = {point.name: point.text for point in points_of(settings) if not point.is_fine}

    assert wrong.keys() == {"Hauptbuch", "Archiv"}
    assert all("Abhilfe" in text for text in wrong.values())
