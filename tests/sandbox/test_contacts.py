"""Contacts and event subscriptions."""

from typing import Any

import pytest

from tests.sandbox.running import Json, Stage, eventually


@pytest.fixture
def company() -> Json:
    """A company with one entry in each list."""
    return {
        "version": 0,
        "roles": {"customer": {}, "vendor": {}},
        "company": {"name": "Brandt & Söhne Bau GmbH"},
        "addresses": {"billing": [{"street": "Industriestraße 8", "countryCode": "DE"}]},
        "emailAddresses": {"business": ["buchhaltung@brandt.example"]},
        "note": "Notiz",
    }


def names(stage: Stage, **query: Any) -> list[str]:
    """The company names found."""
    return [c["company"]["name"] for c in stage.read("contacts", **query)["content"]]


def issues(answer: Any) -> list[tuple[str, str]]:
    """Key and source of each entry of a legacy error."""
    assert answer.status_code == 406, answer.text
    return [(issue["i18nKey"], issue["source"]) for issue in answer.json()["IssueList"]]


def test_roles_get_numbers(stage: Stage, company: Json) -> None:
    """Numbers are assigned: customers from 10001, vendors from 70001."""
    created = stage.post("contacts", company).json()
    contact = stage.read(f"contacts/{created['id']}")
    assert contact["roles"] == {"customer": {"number": 10001}, "vendor": {"number": 70001}}
    assert (contact["version"], contact["archived"]) == (1, False)


def test_search(stage: Stage, company: Json) -> None:
    """Substring and wildcards in name and email; & < > must be sent HTML-encoded; short terms are refused."""
    stage.post("contacts", company)
    whole = ["Brandt & Söhne Bau GmbH"]
    found = {"name": "söhne", "email": "@brandt.", "number": 10001, "customer": "true"}
    for name, value in found.items():
        assert names(stage, **{name: value}) == whole
    assert names(stage, name="Brandt &amp; S_hne%GmbH") == whole
    assert names(stage, name="Brandt & Söhne") == []
    assert names(stage, name="Meier") == names(stage, vendor="false") == []
    short = stage.get("contacts", name="Br")
    assert (short.status_code, "IssueList" in short.json()) == (400, True)


def test_new_contacts_appear_late_in_the_list(stage: Stage, company: Json) -> None:
    """A contact can be read at once, is found only after the lag."""
    stage.control("index-lag", {"seconds": 3})
    created = stage.post("contacts", company).json()
    assert names(stage) == []
    assert stage.get(f"contacts/{created['id']}").status_code == 200
    assert eventually(lambda: names(stage) != [])


def test_put_needs_the_version(stage: Stage, company: Json) -> None:
    """A stale version is 406 with source `version`; the right one replaces the whole contact."""
    path = f"contacts/{stage.post('contacts', company).json()['id']}"
    stale = stage.http.put(f"/v1/{path}", json=company)
    assert issues(stale) == [("invalid_value", "version")]
    del company["note"]
    assert stage.http.put(f"/v1/{path}", json=company | {"version": 1}).json()["version"] == 2
    assert "note" not in stage.read(path)


def test_several_addresses_bar_writing(stage: Stage, company: Json) -> None:
    """Two addresses cannot be written, and a contact that has two (made in the app) cannot be PUT."""
    billing = company["addresses"]["billing"] * 2
    assert issues(stage.post("contacts", company | {"addresses": {"billing": billing}})) == [
        ("invalid_value", "addresses.billing")
    ]
    created = stage.post("contacts", company).json()
    stage.control("actions/edit-contact", {"id": created["id"], "change": {"addresses": {"billing": billing}}})
    answer = stage.http.put(f"/v1/contacts/{created['id']}", json=company | {"version": 2})
    assert issues(answer) == [("update_with_multiple_values_not_supported", "addresses.billing")]


@pytest.mark.parametrize(
    ("change", "source"),
    [
        ({"roles": {}}, "roles"),
        ({"version": 3}, "version"),
        ({"person": {"lastName": "Groß"}}, "company and person"),
        ({"company": {"name": ""}}, "company.name"),
    ],
)
def test_refusals_have_the_legacy_form(stage: Stage, company: Json, change: Json, source: str) -> None:
    """A contact that breaks a rule is 406 with an IssueList."""
    assert [found for _, found in issues(stage.post("contacts", company | change))] == [source]


def test_contacts_cannot_be_deleted(stage: Stage, company: Json) -> None:
    """DELETE is 405."""
    created = stage.post("contacts", company).json()
    assert stage.http.delete(f"/v1/contacts/{created['id']}").status_code == 405


def test_subscriptions_are_listed_and_deleted(stage: Stage) -> None:
    """POST gives an id, the list names it subscriptionId, DELETE is 204 and then 404."""
    body = {"eventType": "payment.changed", "callbackUrl": "https://bote.example/lexoffice"}
    created = stage.post("event-subscriptions", body)
    path = f"event-subscriptions/{created.json()['id']}"
    assert (created.status_code, stage.post("event-subscriptions", body).status_code) == (201, 409)
    listed = stage.read("event-subscriptions")
    assert listed == {"content": [stage.read(path)]}
    assert listed["content"][0]["subscriptionId"] == created.json()["id"]
    statuses = [stage.http.delete(f"/v1/{path}").status_code for _ in range(2)]
    assert statuses == [204, 404]


@pytest.mark.parametrize(
    ("event", "url"),
    [("invoice.paid", "https://bote.example/"), ("invoice.created", "http://bote.example/"), ("invoice.created", None)],
)
def test_subscriptions_need_a_real_event_and_https(stage: Stage, event: str, url: str | None) -> None:
    """Invented events and plain HTTP are 406."""
    assert stage.post("event-subscriptions", {"eventType": event, "callbackUrl": url}).status_code == 406


def test_probing_asks_the_callback(stage: Stage) -> None:
    """With probing on, a callback that does not answer HEAD is 406, one that does is taken."""
    stage.control("settings", {"probe_callbacks": True, "https_callbacks_only": False})
    answers = {"http://127.0.0.1:9/": 406, f"{stage.ready['http']}/_control/clock": 201}
    for url, status in answers.items():
        assert (
            stage.post("event-subscriptions", {"eventType": "token.revoked", "callbackUrl": url}).status_code == status
        )
