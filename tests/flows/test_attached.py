"""Sections of a client's file that name a connection of the wrong kind: said at once, with line and cure."""

import pytest

from config.problems import ConfigError
from flows.wiring import at_work, problems_in
from tests.flows.business import CLIENT, Business

SECTIONS = {
    "mailbox.system": ("mailbox: {system: mail}", "imap"),
    "times.system": ("times: {system: mail, since: 2026-09-01, hourly_rate: 95.00}", "mite"),
    "filing.system": ("filing: {system: lexware}", "webdav"),
    "task_board.system": ("task_board: {system: mail}", "caldav"),
    "alerts.system": ("alerts: {mail: chef@haus.example, system: lexware}", "smtp"),
}


@pytest.mark.parametrize("place", SECTIONS)
def test_a_connection_of_the_wrong_kind_is_named(business: Business, place: str) -> None:
    """A mail connection keeps no times, no copies and no tasks; `check` and a run point to the line and name others."""
    text, module = SECTIONS[place]
    with business.client_file.open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")
    with business.house() as house:
        loaded = house.client(CLIENT)
        with pytest.raises(ConfigError) as refused, at_work(house, loaded):
            pass
        assert [*refused.value.problems] == problems_in(business.settings, loaded)
    (problem,) = refused.value.problems
    assert problem.path == place
    assert "kann das nicht" in problem.message
    assert problem.line > 0
    assert f"module: {module}" in problem.cure
