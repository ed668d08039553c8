"""The desk in a real Chromium, on a wide screen and on a phone: what people do there, and how everybody can read it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from desk.web.access import SESSION, Role
from flows.wiring import House
from ledger import accounts, levers, story
from ledger.levers import Kind
from ledger.overrides import Word
from tests.desk.web import office
from tests.desk.web.office import FOREIGN, NASTY, NOW, OWN, PASSWORD

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 800}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LONG_NAME = "frau.krause-mustermann.aus.der.buchhaltung"
LINK = "https://post.example/" + "nachricht" * 20
INVOICE, CONTRACT = f"/rechnungen/{OWN}", f"/vertraege/{OWN}"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; skips where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing (Debian package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """The address of the served office."""
    with office.served(house) as url:
        yield url


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_morning_at_the_office(chromium: Browser, address: str, size: dict[str, int]) -> None:
    """Sign in, approve, resend, hold, book a payment, read why: all by pressing what is there."""
    page = chromium.new_page(viewport=size, base_url=address)  # type: ignore[arg-type]
    page.goto("/")
    page.get_by_label("Name").fill("chefin")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_role("link", name="Eingang").click()
    page.get_by_role("link", name="Freigeben", exact=True).click()
    page.get_by_role("button", name="Freigeben").click()
    assert "ist freigegeben" in _said(page)
    page.get_by_role("link", name="Eingang").click()
    page.get_by_role("link", name="Erneut senden").click()
    page.get_by_label("Grund").fill("Kunde hat nichts bekommen")
    page.get_by_role("button", name="Erneut senden").click()
    assert "erneut gesendet" in _said(page)
    page.goto(f"{INVOICE}/RE1001")
    assert page.get_by_text("Es wurde erinnert").is_visible()
    page.get_by_role("link", name="Zahlung eintragen").click()
    page.get_by_label("Betrag").fill("71,20")
    page.get_by_role("button", name="Zahlung eintragen").click()
    assert "71,20 EUR gebucht, offen 500,00 EUR" in _said(page)
    page.get_by_role("link", name="Anhalten").click()
    page.get_by_label("Grund").fill("Klärung")
    page.get_by_role("button", name="Anhalten").click()
    page.get_by_role("link", name="Rückgängig machen").click()
    page.get_by_label("Grund").fill("erledigt")
    page.get_by_role("button", name="Weitergehen lassen").click()
    assert "geht wieder ihren Weg" in _said(page)
    page.context.close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_contract_from_its_beginning_to_its_end(
    chromium: Browser, house: House, address: str, size: dict[str, int]
) -> None:
    """Make one, change it, give notice and take it back: each time one sees first what will follow."""
    secret, _ = office.sign_in(house, "buero")
    context = chromium.new_context(viewport=size, base_url=address)  # type: ignore[arg-type]
    context.add_cookies([{"name": SESSION, "value": secret, "url": address}])
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="Verträge").click()
    page.get_by_role("link", name="Neuer Vertrag").click()
    page.get_by_label("Vertragsnummer").fill("V-100")
    page.get_by_label("Kundennummer").fill("4712")
    page.get_by_role("button", name="Weiter").click()
    page.get_by_text("100,63").wait_for()
    _confirm(page, "Vertrag anlegen")
    assert "V-100 ist angelegt" in _said(page)
    page.get_by_role("link", name="Vertrag ändern").click()
    page.get_by_label("Tarif", exact=True).select_option("profi")
    page.get_by_role("button", name="Weiter").click()
    _confirm(page, "Vertrag ändern")
    page.get_by_role("link", name="Kündigung eintragen").click()
    page.get_by_role("button", name="Weiter").click()
    page.get_by_text("das früheste Ende").wait_for()
    _confirm(page, "Kündigung eintragen")
    assert "endet am 30.12.2026" in _said(page)
    page.get_by_role("link", name="Rückgängig machen").click()
    _confirm(page, "Kündigung zurücknehmen")
    assert "läuft weiter" in _said(page)
    context.close()


@pytest.mark.parametrize("width", [360, 768, 900, 1024, 1100, 1280, 1600])
def test_who_is_signed_in_can_be_read(chromium: Browser, house: House, address: str, width: int) -> None:
    """The header shows the whole name beside every section, and nothing of it sticks out."""
    secret, _ = office.sign_in(house, "betreiber")
    context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=address)
    context.add_cookies([{"name": SESSION, "value": secret, "url": address}])
    page = context.new_page()
    page.goto("/")
    assert page.locator(".top nav a").count() == 7
    who = page.locator(".who")
    assert who.evaluate("each => each.scrollWidth - each.clientWidth") <= 0
    box, nav = who.bounding_box(), page.locator(".top nav").bounding_box()
    assert box
    assert nav
    assert box["x"] + box["width"] <= width
    assert nav["y"] > box["y"] + box["height"] or nav["x"] + nav["width"] <= box["x"]
    assert not _is_too_wide(page)
    context.close()


def test_without_script_it_works_too(chromium: Browser, address: str) -> None:
    """With script switched off one signs in and ticks a task off."""
    context = chromium.new_context(java_script_enabled=False, base_url=address)
    page = context.new_page()
    page.goto("/anmelden")
    page.fill("#name", "buero")
    page.fill("#password", PASSWORD)
    _follow(page.locator("main button"))
    page.goto("/eingang")
    page.click("button:has-text('Erledigt')")
    page.get_by_text("Erledigt: Käthe Weiß zurückrufen").wait_for()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_lost_phone(chromium: Browser, address: str, scheme: Literal["light", "dark"]) -> None:
    """Switch the second factor on, sign in with a recovery code, make new ones: readable also on the smallest phone."""
    size = {"width": 320, "height": 700}
    faults: list[str] = []
    context = chromium.new_context(viewport=size, base_url=address, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()

    def look() -> None:
        found = [*_faults(page, {"runOnly": RULES}), *(["too wide"] if _is_too_wide(page) else [])]
        faults.extend(f"{page.title()}: {each}" for each in found)

    page.goto("/anmelden?weiter=/konto")
    page.get_by_label("Name").fill("buero")
    page.get_by_label("Passwort").fill(PASSWORD)
    _follow(page.get_by_role("button", name="Anmelden"))
    secret = page.locator("[name=secret]").input_value()
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).at(NOW))
    page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    _follow(page.get_by_role("button", name="Einschalten"))
    codes = page.locator(".codes code").all_inner_texts()
    look()
    _follow(page.get_by_role("link", name="Aufgeschrieben, weiter"))
    look()
    _follow(page.get_by_role("button", name="Abmelden", exact=True))
    page.get_by_label("Name").fill("buero")
    page.get_by_label("Passwort").fill(PASSWORD)
    _follow(page.get_by_role("button", name="Anmelden"))
    look()
    page.get_by_label("Ersatzcode").fill(codes[3])
    _follow(page.get_by_role("button", name="Mit Ersatzcode anmelden"))
    assert "Übrig: 9" in _said(page)
    page.goto("/konto")
    page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    _follow(page.get_by_role("button", name="Neue Ersatzcodes"))
    assert "gelten nicht mehr" in _said(page)
    look()
    assert faults == []
    context.close()


def test_everybody_can_read_it(chromium: Browser, house: House, address: str) -> None:
    """No page breaks a WCAG 2.2 AA rule that a program can judge, is wider than a phone, or runs others' scripts."""
    secret, _ = office.sign_in(house, "chefin")
    context = chromium.new_context(viewport=PHONE, base_url=address)  # type: ignore[arg-type]
    context.add_cookies([{"name": SESSION, "value": secret, "url": address}])
    page, faults = context.new_page(), []
    page.on("dialog", lambda dialog: faults.append(f"a script of {NASTY} ran: {dialog.message}"))
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    for path in _pages(page):
        page.emulate_media(color_scheme="light")
        page.goto(path)
        faults += [f"{path}: {fault}" for fault in _faults(page, {"runOnly": RULES})]
        page.emulate_media(color_scheme="dark")
        contrast: dict[str, object] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
        faults += [f"{path} in the dark: {fault}" for fault in _faults(page, contrast)]
        if _is_too_wide(page):
            faults.append(f"{path} is wider than a phone")
    assert faults == []
    context.close()


@pytest.mark.parametrize("width", [320, 390])
def test_a_small_phone_is_wide_enough(chromium: Browser, house: House, address: str, width: int) -> None:
    """No page scrolls sideways at 320 px (WCAG 1.4.10), whatever people are called and give as a reason."""
    with house.ledger.writing() as session:
        row = story.find(session, OWN, "RE1002")
        assert row
        levers.pull(session, Kind.DISPUTE, row, Word(LONG_NAME, LINK), NOW)
        levers.block_customer(session, OWN, row.customer_key, None, Word(LONG_NAME, LINK), NOW)
        customer = f"/kunden/{OWN}/kunde?key={row.customer_key}"
        roles = {OWN: Role.OWNER.value, FOREIGN: Role.OWNER.value}
        accounts.add(session, LONG_NAME, "", roles, "test", NOW)
    secret, _ = office.sign_in(house, LONG_NAME)
    context = chromium.new_context(viewport={"width": width, "height": 700}, base_url=address)
    context.add_cookies([{"name": SESSION, "value": secret, "url": address}])
    page = context.new_page()
    wide = [path for path in ("/anmelden", customer, *_pages(page)) if page.goto(path) and _is_too_wide(page)]
    assert wide == []
    context.close()


def _is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def test_keys_and_polling(chromium: Browser, house: House, address: str) -> None:
    """j and k walk through the inbox, the slash leads to the search, the board renews itself as long as one is in."""
    secret, _ = office.sign_in(house, "chefin")
    context = chromium.new_context(viewport=DESKTOP, base_url=address)  # type: ignore[arg-type]
    context.add_cookies([{"name": SESSION, "value": secret, "url": address}])
    page = context.new_page()
    page.goto("/eingang")
    titles = []
    for key in "jjk":
        page.keyboard.press(key)
        titles.append(page.evaluate("document.activeElement.textContent"))
    assert titles[0] == titles[2] != titles[1]
    page.goto("/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    with page.expect_response(lambda answer: "hx-request" in answer.request.headers):
        page.evaluate("htmx.trigger('#tafel', 'renew')")
    assert page.locator("#tafel").count() == 1
    with house.ledger.writing() as session:
        account = accounts.find(session, "chefin")
        assert account
        accounts.end_all(session, account.id, NOW)
    page.evaluate("htmx.trigger('#tafel', 'renew')")
    page.wait_for_url("**/anmelden")
    page.get_by_label("Name").wait_for()
    context.close()


def test_hours_can_be_printed(chromium: Browser, house: House, address: str) -> None:
    """On paper the hours stand without what one presses on the screen."""
    secret, _ = office.sign_in(house, "buero")
    context = chromium.new_context(viewport=DESKTOP, base_url=address)  # type: ignore[arg-type]
    context.add_cookies([{"name": SESSION, "value": secret, "url": address}])
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto("/zeiten")
    assert page.get_by_text("SHOP-12").is_visible()
    assert page.locator("main :is(button, input:not([type=hidden])) >> visible=true").count() == 0
    context.close()


def _confirm(page: Page, button: str) -> None:
    page.get_by_label("Grund").fill("so vereinbart")
    page.get_by_role("button", name=button).click()


def _faults(page: Page, rules: dict[str, object]) -> list[str]:
    found = Axe().run(page, options=rules | {"resultTypes": ["violations"]})
    return [f"{each['id']} {each['nodes'][0]['html']}" for each in found.response["violations"]]


def _pages(page: Page) -> list[str]:
    """Every page that a signed-in person reaches by pressing links, one of each kind."""
    seen: dict[str, str] = {}
    waiting = [
        "/",
        "/eingang",
        "/heute",
        "/kunden",
        "/vertraege",
        f"{CONTRACT}/V-3/fortsetzen",
        "/auswertung",
        "/konto",
        "/gibt-es-nicht",
        f"{INVOICE}/RE1002",
        f"{INVOICE}/RE1002/zahlung",
    ]
    for path in waiting:
        seen.setdefault(_kind(path), path)
    while waiting:
        page.goto(waiting.pop())
        for link in page.locator("main a[href^='/']").evaluate_all(
            "links => links.map(link => link.pathname + link.search)"
        ):
            if _kind(link) not in seen and not re.search(r"belege|brief|tafel\.", link):
                seen[_kind(link)] = link
                waiting.append(link)
    return list(seen.values())


def _kind(path: str) -> str:
    """The page's template, nearly: numbers and the names of actions do not make another one."""
    plain = re.sub(r"RB-[\w-]+|RE\d+|\d+", "X", path.partition("?")[0])
    return re.sub(rf"^{INVOICE}/X/[\w-]+$", f"{INVOICE}/X/action", plain)


def _follow(sign: Locator) -> None:
    """Click, and wait until the page it leads to is there: what is read at once would be the old one."""
    with sign.page.expect_navigation():
        sign.click()


def _said(page: Page) -> str:
    return page.get_by_role("status").inner_text()
