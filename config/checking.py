"""What a client's parts must say to each other and to the files beside them; pydantic has checked each value alone."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from billing.dunning_policy import breaches
from billing.invoices import Channel
from billing.parties import CustomerKind
from config.client import Client, System, policy_of
from config.problems import Finding, KeyPath, looks_secret, without_login
from config.secrets import SecretUnavailable, is_reference, reference_of
from config.wording import nearest

Check = Callable[[Client, Path], Iterator[Finding]]

_LOGO_KINDS = (".svg", ".png", ".jpg", ".jpeg")
_MOST_LOGO_BYTES = 1024 * 1024
_LEAST_CONTRAST = 3.0
"""For lines and large writing (WCAG 2.1, 1.4.11)."""

_REGISTER = ("register_court", "register_number")
_WITH_DIRECTORS = (*_REGISTER, "managing_directors")
_COMPANIES = (
    (re.compile(r"\bCo\.? ?(KG|OHG|KGaA)\b"), "§§ 125, 177a HGB", _WITH_DIRECTORS),
    (re.compile(r"\b(g?GmbH|mbH|UG|Gesellschaft mit beschränkter Haftung)\b"), "§ 35a GmbHG", _WITH_DIRECTORS),
    (re.compile(r"\b(AG|SE|Aktiengesellschaft)\b"), "§ 80 AktG", _WITH_DIRECTORS),
    (re.compile(r"\b(OHG|KG)\b"), "§ 125 HGB", _REGISTER),
    (re.compile(r"\be\. ?K(fm|fr)?\."), "§ 37a HGB", _REGISTER),
)


def mistakes(config: Client, file: Path) -> list[Finding]:
    """Everything that must change before the client can run, in the order of the file."""
    checks: tuple[Check, ...] = (
        *(_name, _tax, _company),
        *(_secrets, _known_systems, _mail_needed),
        *(_early_payment, _files, _accent, _levels, _hours, _lawful),
    )
    return [finding for check in checks for finding in check(config, file)]


def contrast_on_white(colour: str) -> float:
    """The contrast ratio of a colour such as "#0b5d4e" with white, 1 to 21 (WCAG 2.1, relative luminance)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def _name(config: Client, file: Path) -> Iterator[Finding]:
    if config.name != file.stem:
        yield Finding(
            ("name",),
            f"Der Name muss gleich dem Dateinamen sein: {file.stem}.",
            f"name: {file.stem}  schreiben oder die Datei in {config.name}.yaml umbenennen.",
        )


def _tax(config: Client, _file: Path) -> Iterator[Finding]:
    seller = config.seller
    if not (seller.tax_number or seller.vat_id):
        yield Finding(
            ("seller",),
            "Auf jede Rechnung gehört die Steuernummer oder die USt-IdNr. (§ 14 Abs. 4 Nr. 2 UStG).",
            "tax_number oder vat_id ergänzen.",
        )


def _company(config: Client, _file: Path) -> Iterator[Finding]:
    found = next((rule for rule in _COMPANIES if rule[0].search(config.seller.name)), None)
    if not found:
        return
    _, law, fields = found
    missing = [field for field in fields if not getattr(config.seller, field)]
    if missing:
        yield Finding(
            ("seller",),
            f"Zu {config.seller.name} gehört nach {law} mehr auf die Rechnung; es fehlt: {', '.join(missing)}.",
            "Die Angaben aus dem Handelsregister ergänzen.",
        )


def _secrets(config: Client, _file: Path) -> Iterator[Finding]:
    for name, system in config.systems.items():
        for found in _plain_secrets(system):
            yield replace(found, path=("systems", name, *found.path))


def _plain_secrets(system: System) -> Iterator[Finding]:
    for path, value in _leaves(system.options, ()):
        try:
            if looks_secret(path[-1]) or is_reference(value):
                reference_of(value)
        except SecretUnavailable as error:
            yield Finding(path, error.message, error.cure)
        if isinstance(value, str) and without_login(value) != value:
            yield Finding(
                path,
                "Kennwörter dürfen nicht in einer Adresse stehen.",
                "Adresse ohne  name:kennwort@  schreiben.",
            )


def _leaves(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    """All values of the options with their paths; a reference, or what stands in its place, is one value."""
    if path and (is_reference(value) or looks_secret(path[-1])):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _leaves(item, (*path, position))
    elif path:
        yield path, value


def _known_systems(config: Client, _file: Path) -> Iterator[Finding]:
    users = {
        ("jobs", "system"): config.jobs.system,
        ("invoices", "system"): config.invoices.system,
        ("payments", "system"): config.payments.system,
    }
    if config.mail:
        users["mail", "system"] = config.mail.system
    for path, name in users.items():
        if name not in config.systems:
            yield Finding(path, "Diese Verbindung steht nicht unter  systems.", nearest(name, config.systems))


def _mail_needed(config: Client, _file: Path) -> Iterator[Finding]:
    if config.mail:
        return
    paths: list[KeyPath] = [("invoices", "channel")] if config.invoices.channel is Channel.MAIL else []
    customers = config.customers.items()
    paths += [("customers", number, "channel") for number, one in customers if one.channel is Channel.MAIL]
    for path in paths:
        yield Finding(
            path,
            "Zum Versand per Mail fehlt der Abschnitt  mail.",
            "mail ergänzen oder  channel: none  setzen.",
        )
    policy = policy_of(config)
    lists = (policy.levels, *policy.groups.values())
    if any(level.reaches_customer and level.channel is Channel.MAIL for levels in lists for level in levels):
        yield Finding(
            ("dunning", "levels"),
            "Erinnerungen gehen per Mail hinaus; es fehlt der Abschnitt  mail.",
            "mail ergänzen oder die Stufen auf  action: task  ändern.",
        )


def _early_payment(config: Client, _file: Path) -> Iterator[Finding]:
    early = config.invoices.early_payment
    if not early:
        return
    message = f"Die Skontofrist ({early.days} Tage) muss kürzer sein als das Zahlungsziel"
    if early.days >= config.invoices.days_until_due:
        days = config.invoices.days_until_due
        yield Finding(
            ("invoices", "early_payment", "days"),
            f"{message} ({days} Tage).",
            "Skontofrist kürzen oder Zahlungsziel verlängern.",
        )
    for number, customer in config.customers.items():
        if customer.days_until_due is not None and early.days >= customer.days_until_due:
            yield Finding(
                ("customers", number, "days_until_due"),
                f"{message} dieses Kunden ({customer.days_until_due} Tage).",
                f"Mindestens {early.days + 1} Tage setzen.",
            )


def _files(config: Client, file: Path) -> Iterator[Finding]:
    look = config.look
    if look.logo:
        yield from _logo(file.parent / look.logo)
    if look.templates and not (file.parent / look.templates).is_dir():
        yield Finding(
            ("look", "templates"),
            "Diesen Ordner gibt es nicht.",
            f"Ordner anlegen: {file.parent / look.templates}",
        )


def _logo(place: Path) -> Iterator[Finding]:
    if not place.is_file():
        yield Finding(("look", "logo"), "Diese Datei gibt es nicht.", f"Logo dort ablegen: {place}")
    elif place.suffix.lower() not in _LOGO_KINDS:
        yield Finding(
            ("look", "logo"),
            "Ein Logo ist eine SVG-, PNG- oder JPG-Datei.",
            "Logo umwandeln, am besten in SVG.",
        )
    elif place.stat().st_size > _MOST_LOGO_BYTES:
        yield Finding(("look", "logo"), "Das Logo ist größer als 1 MiB und käme in jede Rechnung.", "Logo verkleinern.")


def _accent(config: Client, _file: Path) -> Iterator[Finding]:
    contrast = contrast_on_white(config.look.accent)
    if contrast < _LEAST_CONTRAST:
        yield Finding(("look", "accent"), pale(contrast), "Eine dunklere Farbe wählen.")


def pale(contrast: float) -> str:
    """The sentence about a colour with too little contrast."""
    ratio = f"{contrast:.1f}".replace(".", ",")
    return f"Die Farbe hebt sich zu wenig vom weißen Papier ab: Kontrast {ratio}, für Schrift nötig sind 4,5."


def _levels(config: Client, _file: Path) -> Iterator[Finding]:
    policy = policy_of(config)
    for kind in (None, *policy.groups):
        handed_over = False
        for position, level in enumerate(policy.levels if kind is None else policy.groups[kind]):
            if handed_over and level.reaches_customer:
                yield Finding(
                    (*_place_of_levels(config, kind), position),
                    "Nach einer Aufgabe entscheidet ein Mensch; eine Erinnerung darf ihr nicht von selbst folgen.",
                    "Erst alle Stufen mit  action: reminder  oder  notice, danach  action: task.",
                )
            handed_over = handed_over or not level.reaches_customer


def _hours(config: Client, _file: Path) -> Iterator[Finding]:
    sending = config.dunning.sending
    if not sending.weekdays:
        yield Finding(("dunning", "sending", "weekdays"), "So ginge nie eine Erinnerung hinaus.", "weekdays: [mo, do]")
    if sending.from_hour >= sending.until_hour:
        yield Finding(
            ("dunning", "sending", "until_hour"),
            "So ginge nie eine Erinnerung hinaus: die Endstunde muss nach der Anfangsstunde liegen.",
            f"zum Beispiel  until_hour: {min(sending.from_hour + 8, 24)}",
        )


def _lawful(config: Client, _file: Path) -> Iterator[Finding]:
    """What the law forbids; a mistake of levels that hold for several kinds of customers is told once."""
    told = set()
    for breach in breaches(policy_of(config)):
        place = (*_place_of_levels(config, breach.kind), breach.level)
        if (place, breach.text) not in told:
            told.add((place, breach.text))
            yield Finding(place, breach.text, breach.cure)


def _place_of_levels(config: Client, kind: CustomerKind | None) -> KeyPath:
    if kind and getattr(config.dunning, kind):
        return ("dunning", kind.value, "levels")
    return ("dunning", "levels")
