"""What the lines of a job say about labour (§ 35a EStG) and building sites (§§ 13b, 14b UStG), by a client's words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from billing.jobs import Job, Line, Site


@dataclass(frozen=True, slots=True)
class Marks:
    """By what labour and building sites are known. `site` holds where no word says more.

    Words are beginnings of words, letter case ignored: Lohn is found in Lohnkosten and not in Belohnung. Units are
    whole, with or without a full stop.
    """

    site: Site = Site.ELSEWHERE
    property_words: tuple[str, ...] = ()
    construction_words: tuple[str, ...] = ()
    labour_units: tuple[str, ...] = ()
    labour_words: tuple[str, ...] = ()


def marked(job: Job, marks: Marks) -> Job:
    """The job with its labour lines and its site; what the source said itself is kept."""
    lines = tuple(replace(line, is_labour=line.is_labour or _is_labour(line, marks)) for line in job.lines)
    return replace(job, lines=lines, site=_site(job, marks) if job.site is Site.ELSEWHERE else job.site)


def _is_labour(line: Line, marks: Marks) -> bool:
    if line.is_text:
        return False
    return _unit(line.unit) in map(_unit, marks.labour_units) or _mentions((line.name,), marks.labour_words)


def _site(job: Job, marks: Marks) -> Site:
    texts = [job.title, *(text for line in job.lines for text in (line.name, line.description))]
    if marks.site is Site.CONSTRUCTION or _mentions(texts, marks.construction_words):
        return Site.CONSTRUCTION
    return Site.PROPERTY if _mentions(texts, marks.property_words) else marks.site


def _unit(text: str) -> str:
    return text.strip().rstrip(".").casefold()


def _mentions(texts: Iterable[str], words: tuple[str, ...]) -> bool:
    if not words:
        return False
    pattern = re.compile(r"(?<!\w)(" + "|".join(re.escape(word.casefold()) for word in words) + ")")
    return any(pattern.search(text.casefold()) for text in texts)
