"""The page goes by the clients' files as they are, without a restart."""

from fastapi.testclient import TestClient

from desk.web.access import Desk
from flows.wiring import House
from tests.desk.web.office import app_of


def test_a_new_client_is_known_with_the_next_request(house: House) -> None:
    """A file that is put there counts at once; what was reckoned before is forgotten."""
    app = app_of(house)
    before: Desk = app.state.desk
    file = house.clients[0].file
    text = file.read_text("utf-8").replace(f"name: {file.stem}", "name: dritter")
    file.with_name("dritter.yaml").write_text(text, "utf-8")

    with TestClient(app, base_url="http://127.0.0.1") as browser:
        assert browser.get("/anmelden").status_code == 200
    after: Desk = app.state.desk

    assert set(after.client_names) - set(before.client_names) == {"dritter"}
    assert after.stands is not before.stands
