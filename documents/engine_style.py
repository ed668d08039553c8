"""The engine's own style sheet, without what it reckons with for every element and hardly any document has.

WeasyPrint styles footnotes, notes and list markers by selectors that match every element, and works out six styles for
each of them that nothing asks for: a fifteenth of the time that a letter takes. A page without footnotes, notes and
list items other than `<li>` prints to the same bytes without them (`tests/documents/test_engine_style.py`).
"""

import re
from functools import lru_cache

from weasyprint import CSS
from weasyprint.html import UA

_FOR_EVERY_ELEMENT = re.compile(r"^::(?:footnote|note)-[a-z]+ \{.*\}\n", re.MULTILINE)
_MARKER = re.compile(r"^(?=::marker \{)", re.MULTILINE)
# An escape may spell any word.
_ASKED_FOR = re.compile(r"footnote|note\(|list-item|\\", re.IGNORECASE)


def is_plain(text: str) -> bool:
    """Whether a page or sheet can do without the styles of footnotes, notes and foreign list items."""
    return not _ASKED_FOR.search(text)


@lru_cache(maxsize=1)
def plain_sheet() -> CSS:
    """The engine's sheet for pages that `is_plain`."""
    return CSS(string=_MARKER.sub("li", _FOR_EVERY_ELEMENT.sub("", UA)))
