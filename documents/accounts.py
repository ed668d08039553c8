"""No document shows an account that was not confirmed: not in a footer, a remark, a template or the XML."""

import re
from collections.abc import Collection

from stdnum import iban as checked_iban

from documents.errors import ForeignAccount

_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?:[ \u00a0]?[A-Z0-9]){11,30}\b")
_LENGTHS = {"DE": 22, "AT": 20, "CH": 21}


def check_accounts(text: str, allowed: Collection[str]) -> None:
    """Raise `ForeignAccount` for the first IBAN in a text that is none of those allowed (with or without blanks)."""
    known = {"".join(each.split()).upper() for each in allowed if each}
    for found in accounts_in(text):
        if found not in known:
            raise ForeignAccount(found)


def accounts_in(text: str) -> list[str]:
    """Every IBAN in a text whose check digits are right, without blanks; words that follow one are not part of it."""
    return [found for match in _IBAN.finditer(text) if (found := _account("".join(match[0].split())))]


def _account(run: str) -> str:
    lengths = [_LENGTHS[run[:2]]] if run[:2] in _LENGTHS else range(len(run), 14, -1)
    return next((run[:length] for length in lengths if checked_iban.is_valid(run[:length])), "")
