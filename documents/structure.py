"""What two pages have in common that differ in their texts only."""

import re
from collections.abc import Iterator
from typing import Any

# Their values reach no style: what a picture shows, what the running header says, what the file's properties say.
_FREE = frozenset({("img", "src"), ("h1", "data-running"), ("meta", "content")})
_BY_VALUE = re.compile(r"\[\s*(?:src|data-running|content)\b|\\", re.IGNORECASE)
_END = "/"


def decides_styles(sheet: str) -> bool:
    """Whether pages of the same structure have the same styles under this sheet: it selects none by a free value."""
    return not _BY_VALUE.search(sheet)


def structure(root: Any) -> str:
    """Elements, attributes and where there is text, of an element tree: pages alike in this have the same styles."""
    return "\0".join(_parts(root))


def _parts(element: Any) -> Iterator[str]:
    tag = element.tag if isinstance(element.tag, str) else "<!---->"
    yield tag
    for name, value in element.items():
        yield name
        if (tag, name) not in _FREE:
            yield value
    yield (element.text or "") if tag == "style" else _filled(element.text)
    for child in element:
        yield from _parts(child)
        yield _filled(child.tail)
    yield _END


def _filled(text: str | None) -> str:
    return "" if not text else "text" if text.strip() else "space"
