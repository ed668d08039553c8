"""Under which name a document is filed for people: by month, with day, number and customer."""

import re
import unicodedata
from datetime import date

MOST_OF_NAME = 60
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|]+')
"""What Windows, a share or a cloud does not take in a file's name."""


def filed_as(day: date, word: str, number: str, customer: str, ending: str) -> str:
    """A path such as `2026/11/2026-11-02 Rechnung RE-1001 Sommer GmbH.pdf`, fit for every file system.

    Number and customer come from outside: no part of them can lead to another folder.
    """
    name = " ".join((day.isoformat(), word, _harmless(number), _harmless(customer)[:MOST_OF_NAME].strip(" .")))
    return f"{day:%Y/%m}/{name.strip(' .')}{ending}"


def _harmless(text: str) -> str:
    visible = "".join(letter for letter in unicodedata.normalize("NFC", text) if unicodedata.category(letter) != "Cf")
    return " ".join(_FORBIDDEN.sub("-", visible).split())
