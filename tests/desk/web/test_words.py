"""English pages leave no German word of the templates behind."""

import re
from typing import Any

import pytest

from billing.payments import Standing
from desk import contract_words, words, worktimes
from desk.analysing import METHOD, PAID_ON
from desk.web import actions, analysis, board, contract_acts, own_account, pages, signin
from desk.web.english import ENGLISH
from flows.wiring import House
from ledger import outbound, todo
from ledger.board_filters import MARKS, STATES
from tests.desk.web.office import browsing

WITH_VALUES = ("zahlung", "zahlung-zuruecknehmen", "stornieren")
CALLED = re.compile(r"""\bt\(\s*(?:"([^"]+)"|'([^']+)')""")


def spoken() -> set[str]:
    """Every text that a template or a list of choices puts through the catalogue."""
    templates = (pages.HERE / "pages").glob("*.j2")
    found = {first or second for file in templates for first, second in CALLED.findall(file.read_text("utf-8"))}
    found |= {*STATES, *MARKS, *Standing, *board.AGES.values(), *board.SORTS.values(), *outbound.STEPS.values()}
    found |= (
        {kind.value for kind in todo.Kind}
        | {*words.ROLES.values()}
        | {action.title for action in actions.ACTIONS.values()}
    )
    found |= set(worktimes.STATES.values()) | _sayings()
    found |= _about_contracts()
    found |= {analysis.TURNOVER, *analysis.MONTH_NAMES, METHOD, PAID_ON}
    return {str(text) for text in found} | {
        signin.WRONG, signin.WRONG_CODE, signin.BRAKED,
        own_account.MISTYPED, own_account.SWITCHED_ON, own_account.RENEWED,
    }  # fmt: skip


def _about_contracts() -> set[str]:
    """What the pages of contracts say by choice."""
    said = contract_words
    found = {*said.STANDS.values(), *said.CYCLES.values(), *said.BILLED.values(), *said.LENGTHS}
    found |= {*contract_acts.SENTENCES, contract_acts.NEW, contract_acts.MAKE}
    found |= {label for label, _ in contract_acts.OWN_TERMS.values()}
    return found | {act.title for act in contract_acts.ACTS.values()}


def _sayings() -> set[str]:
    """What the actions say that they will do; those with values say the same of every invoice."""
    told = {actions.CANCELLING, actions.CANCELLING_PAID, actions.TAKING_BACK, actions.PAYING}
    plain = [action for action in actions.ACTIONS.values() if action.name not in WITH_VALUES]
    nothing: Any = None
    return told | {action.says(nothing).text for action in plain}


def test_every_word_is_translated() -> None:
    """Whatever the pages say in German is in the English catalogue, and nothing else is."""
    assert sorted(spoken() - ENGLISH.keys()) == []


@pytest.mark.parametrize(
    "path", ["/", "/eingang", "/heute", "/zeiten", "/vertraege", "/konto", "/rechnungen/sommer/RE1001", "/auswertung"]
)
def test_english_pages(house: House, path: str) -> None:
    """Switching the language changes the page and what the browser is told about it; amounts stay German."""
    with browsing(house, "chefin") as browser:
        assert browser.post("/sprache", data={"language": "en", "weiter": path}).headers["location"] == path
        text = browser.get(path).text
        assert '<html lang="en">' in text
        assert "Main menu" in text
        assert "Hauptmenü" not in text
