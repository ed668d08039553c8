"""Customers and figures: one story on the page, on the command line and in charts, and nobody's data for others."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from desk.web import passwords
from desk.web.access import Role
from desk.web.app import create_app
from desk.web.charts import Bar, bars, columns
from flows.clock import Clock
from ledger import accounts
from tests.desk.commands import command, in_json
from tests.desk.interface import BASE, OTHER, add_client
from tests.flows.business import CLIENT, TODAY, Business

NASTY = "<b>Käthe</b> & 'Söhne'"
PASSWORD = "ein langes Kennwort"
LATE = "2026-12-20T09:00:00+01:00"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def billed(business: Business) -> Business:
    """A business with an unpaid invoice to a customer with markup in his name."""
    business.finished_job(business.customer(company={"name": NASTY}))
    business.run()
    return business


@contextmanager
def browser(business: Business, at: str = TODAY, **roles: Role) -> Iterator[TestClient]:
    """A browser that is signed in with these roles by client."""
    add_client(business)
    clock = Clock(datetime.fromisoformat(at))
    with business.house() as house, TestClient(create_app(house, clock), BASE) as client:
        with house.ledger.writing() as session:
            known = accounts.find(session, "anna")
            if known is None:
                accounts.add(session, "anna", passwords.hash_of(PASSWORD), roles, "Test", clock.now())
        form = {"name": "anna", "password": PASSWORD, "csrf": sealed(client, "/anmelden")}
        assert client.post("/anmelden", data=form, follow_redirects=False).status_code == 303
        yield client


def sealed(client: TestClient, path: str) -> str:
    """The seal of the forms on a page."""
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get(path).text)
    assert found
    return found.group(1)


def customer_page(client: TestClient) -> str:
    """The address of the only customer's page, as the list links to it."""
    found = re.search(r'href="(/kunden/sommer/kunde\?[^"]+)"', client.get("/kunden").text)
    assert found
    return found.group(1).replace("&amp;", "&")


def test_a_customer_is_shown_with_debt_and_term(billed: Business) -> None:
    """From the list to the page: what is open, what is late, the invoice; markup in a name stays text."""
    with browser(billed, LATE, **{CLIENT: Role.OWNER}) as client:
        text = client.get(customer_page(client)).text
    assert "214,08" in text
    assert "davon überfällig" in text
    assert "RE1001" in text
    assert "Zahlbar binnen 14 Tagen" in text
    assert "&lt;b&gt;Käthe&lt;/b&gt;" in text
    assert "<b>Käthe" not in text


def test_a_block_is_set_and_lifted_on_the_page(billed: Business) -> None:
    """The same lever as on the command line, with reason and name; without a reason nothing happens."""
    with browser(billed, **{CLIENT: Role.OFFICE}) as client:
        path = customer_page(client)
        key = path.partition("key=")[2]
        form = {"key": key, "reason": "Stammkunde", "csrf": sealed(client, path)}
        assert client.post(f"/kunden/{CLIENT}/sperre", data=form | {"reason": " "}).status_code == 409
        assert "Mahnsperre: Stammkunde (anna" in re.sub(
            r"\s+", " ", client.post(f"/kunden/{CLIENT}/sperre", data=form).text
        )
        assert client.post(f"/kunden/{CLIENT}/sperre-aufheben", data=form | {"csrf": ""}).status_code == 403
        assert "Stammkunde" not in client.post(f"/kunden/{CLIENT}/sperre-aufheben", data=form).text


def test_a_reader_sees_no_lever(billed: Business) -> None:
    """Who may only look is offered no form, and refused."""
    with browser(billed, **{CLIENT: Role.READER}) as client:
        path = customer_page(client)
        assert "/sperre" not in client.get(path).text
        form = {"key": "10001", "reason": "x", "csrf": sealed(client, path)}
        assert client.post(f"/kunden/{CLIENT}/sperre", data=form).status_code == 403


def test_a_foreign_client_does_not_exist(billed: Business) -> None:
    """Neither list, page, figures nor levers tell anything about a client of others."""
    with browser(billed, **{OTHER: Role.OWNER}) as client:
        assert "RE1001" not in client.get("/auswertung").text
        assert "Nichts gefunden" in client.get("/kunden").text
        for path in (f"/kunden/{CLIENT}/kunde?key=10001", f"/auswertung?client={CLIENT}", "/kunden/nie/kunde?key=1"):
            assert client.get(path).status_code == 404, path
        form = {"key": "10001", "reason": "x", "csrf": sealed(client, "/konto")}
        for path in ("sperre", "sperre-aufheben"):
            assert client.post(f"/kunden/{CLIENT}/{path}", data=form).status_code == 404


def test_the_analysis_shows_charts_with_their_tables(billed: Business) -> None:
    """Turnover, ages and days stand there as charts with title and description, and as figures in tables."""
    with browser(billed, LATE, **{CLIENT: Role.READER}) as client:
        text = client.get("/auswertung").text
        assert client.get("/auswertung?months=999").status_code == 422
    assert text.count('<svg class="chart"') == 2
    assert "<title>Umsatz je Monat</title>" in text
    assert "31 bis 60 Tage" in text
    assert "179,90" in text, "net turnover in the table"
    assert "Ausschöpfungsmethode" in text


def test_the_command_line_tells_the_same(billed: Business) -> None:
    """analysis and customer, for people and for machines; an unknown customer ends with 2."""
    figures = in_json(billed, "analysis", "--client", CLIENT)
    assert (figures["open_amount"], figures["bills"], len(figures["months"])) == ("214.08", 1, 12)
    assert in_json(billed, "customer", "Käthe")["contact"]["name"] == NASTY
    assert "RE1001" in command(billed, "customer", NASTY).stdout
    ended = command(billed, "customer", "Niemand")
    assert (ended.returncode, "kennt das Hauptbuch nicht" in ended.stderr) == (2, True)


def test_a_token_is_shown_once_and_revoked(billed: Business) -> None:
    """add prints it, list never does, and revoke ends it."""
    given = command(billed, "tokens", "add", "erp", "--role", "office", "--client", CLIENT)
    secret = given.stdout.strip()
    assert secret.startswith("rb_")
    (shown,) = in_json(billed, "tokens", "list")["tokens"]
    assert (shown["name"], shown["roles"]) == ("erp", {CLIENT: "office"})
    assert f"Büro ({CLIENT})" in command(billed, "tokens", "list").stdout
    with billed.house() as house, TestClient(create_app(house), BASE) as client:
        headers = {"Authorization": f"Bearer {secret}"}
        assert client.get("/api/v1/tasks", headers=headers).status_code == 200
        assert command(billed, "tokens", "revoke", "erp").returncode == 0
        assert client.get("/api/v1/tasks", headers=headers).status_code == 401


def read(svg: str) -> ElementTree.Element:
    """A chart as a machine reads it."""
    return ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


amounts = st.lists(st.decimals(-9_999, 99_999, places=2), min_size=1, max_size=40)


@settings(max_examples=30)
@given(amounts, st.text(min_size=1, max_size=20).filter(str.isprintable))
def test_a_chart_is_sound_whatever_it_shows(sizes: list[Decimal], name: str) -> None:
    """Well-formed, with title and description, one bar and one value each, in proportion and within its frame."""
    rows = [Bar(name, size, f"{size} €") for size in sizes]
    for draw in (bars, columns):
        found = read(str(draw("Titel & <Name>", name, rows)))
        assert found.findtext(f"{SVG}title") == "Titel & <Name>"
        assert found.findtext(f"{SVG}desc") == name
        drawn: list[Any] = found.findall(f"{SVG}rect")
        assert len(drawn) == len(rows)
        side, frame = ("width", 420) if draw is bars else ("height", 400)
        lengths = [float(each.get(side)) for each in drawn]
        assert all(0 <= length <= frame for length in lengths)
        shown = [abs(size) if draw is columns else max(size, Decimal(0)) for size in sizes]
        assert lengths[shown.index(max(shown))] == max(lengths)
