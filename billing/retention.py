"""How long papers are kept, and when they may go (§ 147 AO, § 14b UStG, § 257 HGB; Art. 17 DSGVO)."""

from datetime import date
from enum import StrEnum


class Keeping(StrEnum):
    """What a paper is to the tax office."""

    VOUCHER = "Buchungsbeleg"
    LETTER = "Geschäftsbrief"


YEARS = {Keeping.VOUCHER: 8, Keeping.LETTER: 6}
"""Years from the end of the calendar year: § 147 Abs. 3 AO, § 14b Abs. 1 UStG; since 2025 8 instead of 10 (BEG IV)."""


def kept_until(written_on: date, keeping: Keeping) -> date:
    """The last day on which a paper of that day has to be there: the 31st of December of its last year."""
    return date(written_on.year + YEARS[keeping], 12, 31)


def kept_from(today: date) -> date:
    """The first day whose papers have to be there on `today`, whatever they are; older ones may have to."""
    return date(today.year - min(YEARS.values()), 1, 1)


def may_go(written_on: date, keeping: Keeping, today: date) -> bool:
    """Whether the time of a paper is over. A claim that is still open keeps its papers longer; that the caller asks."""
    return today > kept_until(written_on, keeping)
