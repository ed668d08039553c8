"""What a client may leave as it is but should look at once more: hints, never obstacles."""

from collections.abc import Iterator

from config.checking import contrast_on_white, pale
from config.client import Client
from config.problems import Finding

_WRITING_CONTRAST = 4.5
"""For ordinary writing (WCAG 2.1, 1.4.3)."""


def advice(config: Client) -> list[Finding]:
    """All hints about a client whose file is in order."""
    checks = (_stopped, _long_terms, _pale_accent, _early_reminder, _other_domain)
    return [finding for check in checks for finding in check(config)]


def _stopped(config: Client) -> Iterator[Finding]:
    if config.limits.stopped:
        yield Finding(("limits", "stopped"), "Der Mandant ist angehalten: nichts verlässt das Haus.", "stopped: false")


def _long_terms(config: Client) -> Iterator[Finding]:
    if config.invoices.days_until_due > 60:
        yield Finding(
            ("invoices", "days_until_due"),
            "Mehr als 60 Tage gelten unter Unternehmen nur, wenn sie ausdrücklich vereinbart sind (§ 271a BGB).",
            "Zahlungsziel verkürzen oder die Vereinbarung aufbewahren.",
        )


def _pale_accent(config: Client) -> Iterator[Finding]:
    contrast = contrast_on_white(config.look.accent)
    if contrast < _WRITING_CONTRAST:
        yield Finding(("look", "accent"), pale(contrast), "Für gut lesbare Schrift eine dunklere Farbe wählen.")


def _early_reminder(config: Client) -> Iterator[Finding]:
    levels = config.dunning.levels or ()
    if levels and levels[0].days < 3:
        yield Finding(
            ("dunning", "levels", 0, "days"),
            "Eine Überweisung kann zwei Banktage unterwegs sein; so früh trifft es Kunden, die gezahlt haben.",
            "days: 5",
        )


def _other_domain(config: Client) -> Iterator[Finding]:
    if config.mail and _domain(config.mail.sender) != _domain(config.seller.email):
        yield Finding(
            ("mail", "from"),
            "Der Absender hat eine andere Domain als die Mailadresse auf der Rechnung; Spamfilter achten darauf.",
            "Möglichst von der eigenen Domain senden.",
        )


def _domain(address: str) -> str:
    return address.rsplit("@", 1)[1].lower()
