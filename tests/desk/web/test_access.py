"""Nobody sees another client's data: every route of the application, every role, from outside and from inside."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import escape
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from desk.web.access import RIGHTS, Require, Right
from flows.wiring import House, open_house
from ledger import levers, story
from ledger.levers import Kind
from ledger.overrides import Word
from tests.desk.web.office import FOREIGN, NOW, OWN, ROLES, SECRET, app_of, browsing

OPEN_TO_ALL = {"/anmelden", "/anmelden/code"}
VALUES = {"client": FOREIGN, "marker": "RB-W1", "kind": "invoice-pdf", "task": "1", "payment": "1", "name": "anhalten",
          "number": "V-1", "act": "kuendigen"}  # fmt: skip


def routes(app: Any) -> list[APIRoute]:
    """Every route of the application; what is mounted are files of ours, the same for everybody."""
    return [route for route in _flat(app.routes) if isinstance(route, APIRoute)]


def _flat(found: list[Any]) -> Iterator[Any]:
    for route in found:
        inner = getattr(route, "original_router", None) or getattr(route, "router", None)
        if inner is not None and not isinstance(route, APIRoute):
            yield from _flat(inner.routes)
        else:
            yield route


def rights_of(dependant: Dependant) -> set[Right]:
    """The rights that a route asks for, however deep."""
    own = {dependant.call.right} if isinstance(dependant.call, Require) else set()
    return own.union(*(rights_of(each) for each in dependant.dependencies))


def address(route: APIRoute, **values: str) -> str:
    """The route's address with every part of its path filled in."""
    path = route.path
    for name in route.param_convertors:
        path = path.replace("{" + name + "}", {**VALUES, **values}.get(name, "1"))
    return path


def methods_of(route: APIRoute) -> set[str]:
    """How a route may be called."""
    return set(route.methods or ()) - {"HEAD"}


def test_every_route_asks_for_a_right(house: House) -> None:
    """No route but signing in answers without a person, and there are as many as we believe."""
    found = routes(app_of(house))
    bare = {route.path for route in found if not rights_of(route.dependant)}
    assert bare == OPEN_TO_ALL
    assert len(found) >= 20


def test_nobody_is_let_in_without_signing_in(house: House) -> None:
    """Without a session every page leads to signing in, and every form is refused."""
    with browsing(house) as browser:
        for route in routes(app_of(house)):
            for method in methods_of(route):
                answer = browser.request(method, address(route))
                if route.path in OPEN_TO_ALL:
                    continue
                assert answer.status_code in (303, 401, 403), (method, route.path, answer.status_code)
                assert SECRET not in answer.text


@pytest.mark.parametrize("name", ROLES)
def test_a_foreign_client_is_as_one_that_does_not_exist(house: House, name: str) -> None:
    """For every role: whatever names the other client is not found, and nothing of it stands on any other page."""
    with browsing(house, name) as browser:
        for route in routes(app_of(house)):
            for method in methods_of(route):
                if route.path in ("/abmelden", "/konto/ueberall-abmelden"):
                    continue
                answer = browser.request(method, address(route), params={"client": FOREIGN, "q": SECRET})
                told = answer.text.replace(f'value="{SECRET}"', "")
                assert SECRET not in told, (method, route.path)
                if "client" in route.param_convertors:
                    assert answer.status_code == 404, (method, route.path, answer.status_code)


@pytest.mark.parametrize("name", ROLES)
def test_a_right_that_is_missing_is_refused(house: House, name: str) -> None:
    """Within the own client a role does only what it may: the rest is refused before anything is looked for."""
    with browsing(house, name) as browser:
        for route in routes(app_of(house)):
            missing = rights_of(route.dependant) - RIGHTS[ROLES[name]]
            for method in methods_of(route) if missing else ():
                answer = browser.request(method, address(route, client=OWN))
                assert answer.status_code == 403, (method, route.path)


@pytest.mark.parametrize(("name", "action"), [("gast", "anhalten"), ("technik", "zahlung"), ("buero", "ausbuchen")])
def test_actions_ask_for_their_own_right(house: House, name: str, action: str) -> None:
    """A reader holds nothing, an operator books nothing, the office writes nothing off."""
    marker = "RE1001"
    with browsing(house, name) as browser:
        for method in ("GET", "POST"):
            assert browser.request(method, f"/rechnungen/{OWN}/{marker}/{action}").status_code == 403
    with browsing(house, "chefin") as browser:
        assert browser.get(f"/rechnungen/{OWN}/{marker}/{action}").status_code == 200


def test_a_refusal_says_who_may_and_leads_back(house: House) -> None:
    """The page names the roles that could do it, and offers the page one came from; in English too."""
    path, came_from = f"/rechnungen/{OWN}/RE1001/ausbuchen", "/kunden?q=a%26b&page=2"
    with browsing(house, "buero") as browser:
        text = browser.get(path, headers={"Referer": f"http://127.0.0.1{came_from}"}).text
        assert "Das dürfen: <b>Inhaber</b></p>" in text
        assert f'<a class="button" href="{escape(came_from)}">Zurück</a>' in text
        browser.post("/sprache", data={"language": "en"})
        text = browser.get(path, headers={"Referer": "http://127.0.0.1/kunden"}).text
        assert "These may: <b>Owner</b></p>" in text
        assert '<a class="button" href="/kunden">Back</a>' in text
    with browsing(house, "gast") as browser:
        text = browser.get(f"/rechnungen/{OWN}/RE1001/anhalten").text
        assert "<b>Inhaber</b>, <b>Büro</b>, <b>Betreiber</b></p>" in text


@pytest.mark.parametrize(
    "came_from",
    [
        "",
        "/kunden",
        "https://boese.example/kunden",
        "http://127.0.0.1//boese.example/",
        "http://[",
        "http://127.0.0.1/x",
    ],
)
def test_a_refusal_leads_nowhere_else(house: House, came_from: str) -> None:
    """From elsewhere, from nowhere, or from the refused page itself the way leads to the board."""
    with browsing(house, "chefin") as browser:
        answer = browser.get("/x", headers={"Referer": came_from})
        assert (answer.status_code, "Zurück" in answer.text, '<a class="button" href="/">' in answer.text) == (
            404, False, True,
        )  # fmt: skip


@pytest.mark.parametrize("name", ROLES)
def test_the_inbox_offers_only_what_one_may(house: House, name: str) -> None:
    """No link in anybody's inbox ends at a refusal, also where a promise was broken."""
    with house.ledger.writing() as session:
        row = story.find(session, OWN, "RE1001")
        assert row
        said = NOW - timedelta(days=9)
        levers.pull(session, Kind.PROMISE, row, Word("Anna", "Anruf"), said, until=NOW.date() - timedelta(days=3))
    with browsing(house, name) as browser:
        links = re.findall(r'href="(/(?:rechnungen|eingang)/[^"]+)"', browser.get("/eingang").text)
        assert any("RE1001" in link or row.marker in link for link in links)
        assert {link: browser.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_a_letter_that_no_database_keeps_is_refused(house: House) -> None:
    """Wherever it stands it ends in a sentence, before signing in as well: PostgreSQL takes no NUL."""
    with browsing(house, "chefin") as browser:
        place = f"/rechnungen/{OWN}"
        answers = [browser.get(path) for path in ("/?q=%00", f"{place}/RE1001%00", "/anmelden?weiter=%00")]
        answers.append(browser.post(f"{place}/RE1001/anhalten", data={"reason": "a\0b"}))
        answers.append(browser.post("/eingang/sommer/zahlungen/1", data={"number": "\0"}))
    for answer in answers:
        assert (answer.status_code, "das es nicht geben kann" in answer.text) == (400, True)


@pytest.mark.parametrize("text", ["", "name: [sommer"])
def test_without_a_client_in_order_the_pages_say_so(house: House, text: str) -> None:
    """The owner of everything is not told that the role is too small, and may still use the own account."""
    for file in house.settings.clients.glob("*.yaml"):
        file.write_text(text, "utf-8") if text else file.unlink()
    with open_house(house.settings) as bare, browsing(bare, "betreiber") as browser:
        for path in ("/", "/eingang", "/heute", "/kunden", "/auswertung", "/tafel.csv"):
            answer = browser.get(path)
            assert (answer.status_code, "kein Mandant in Ordnung" in answer.text) == (403, True), path
        assert browser.get("/konto").status_code == 200
        assert browser.post("/abmelden").headers["location"] == "/anmelden"
