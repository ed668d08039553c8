"""What a client's parts must say to each other and to the files beside them; pydantic has checked each value alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from billing.dunning_policy import Level, breaches
from billing.invoices import Channel
from config import contracts_checks, paper_checks, times_checks
from config.client import Client, System, customer_rules
from config.dunning import Rules, rules_of_all, rules_of_group
from config.problems import Finding, KeyPath, looks_secret, without_login
from config.secrets import SecretUnavailable, is_reference, reference_of
from config.wording import nearest

Check = Callable[[Client, Path], Iterator[Finding]]

_LEAST_CONTRAST = 3.0
"""For lines and large writing (WCAG 2.1, 1.4.11)."""


def mistakes(config: Client, file: Path) -> list[Finding]:
    """Everything that must change before the client can run, in the order of the file."""
    checks: tuple[Check, ...] = (
        *(_name, paper_checks.tax, paper_checks.company),
        *(_secrets, _known_systems, _mail_needed, _post_needed, _mailbox, _filing),
        *(_early_payment, paper_checks.looks, _accent, _levels, _level_templates, _hours, _lawful),
        *(_groups, paper_checks.customers, times_checks.times, contracts_checks.contracts),
    )
    # What is wrong with levels that hold for several kinds of customers, or groups, is told once.
    return list(dict.fromkeys(finding for check in checks for finding in check(config, file)))


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


def connections_in(config: Client) -> dict[KeyPath, str]:
    """Every place in the file that names a connection, with its name."""
    places: dict[KeyPath, str | None] = {
        ("jobs", "system"): config.jobs.system,
        ("invoices", "system"): config.invoices.system,
        ("payments", "system"): config.payments.system,
        ("payments", "bank"): config.payments.bank,
        ("alerts", "system"): config.alerts.system,
    }
    for section in ("mail", "post", "mailbox", "times", "task_board", "filing"):
        places[section, "system"] = getattr(getattr(config, section), "system", None)
    return {path: name for path, name in places.items() if name}


def _known_systems(config: Client, _file: Path) -> Iterator[Finding]:
    for path, name in connections_in(config).items():
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
            "mail ergänzen oder  channel: post  oder  none  setzen.",
        )
    lists = _lists_of_levels(config)
    if any(level.reaches_customer and level.channel is Channel.MAIL for levels in lists.values() for level in levels):
        yield Finding(
            ("dunning", "levels"),
            "Erinnerungen gehen per Mail hinaus; es fehlt der Abschnitt  mail.",
            "mail ergänzen oder die Stufen auf  action: task  ändern.",
        )


def _post_needed(config: Client, _file: Path) -> Iterator[Finding]:
    lists = _lists_of_levels(config)
    levels = [((*path, place), level) for path, levels in lists.items() for place, level in enumerate(levels)]
    for path, level in levels:
        if level.registered and level.channel is not Channel.POST:
            yield Finding(
                path, "Ein Einschreiben ist ein Brief.", "channel: post  ergänzen oder  registered  streichen."
            )
    if config.post:
        return
    paths: list[KeyPath] = [("invoices", "channel")] if config.invoices.channel is Channel.POST else []
    customers = config.customers.items()
    paths += [("customers", number, "channel") for number, one in customers if one.channel is Channel.POST]
    paths += [path for path, level in levels if level.channel is Channel.POST]
    for path in dict.fromkeys(paths):
        cure = "post:  mit der Verbindung ergänzen (module: letterxpress) oder einen anderen Versandweg wählen."
        yield Finding(path, "Zum Versand per Brief fehlt der Abschnitt  post.", cure)


def _mailbox(config: Client, _file: Path) -> Iterator[Finding]:
    section = config.mailbox
    if section and (section.system is None) == (section.folder is None):
        yield Finding(
            ("mailbox",),
            "Zu lesen ist entweder eine Verbindung oder ein Ordner.",
            "Genau eines von  system:  und  folder:  angeben.",
        )


def _filing(config: Client, _file: Path) -> Iterator[Finding]:
    section = config.filing
    if section and (section.system is None) == (section.folder is None):
        yield Finding(
            ("filing",),
            "Abgelegt wird entweder über eine Verbindung oder in einen Ordner.",
            "Genau eines von  system:  und  folder:  angeben.",
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


def _accent(config: Client, _file: Path) -> Iterator[Finding]:
    colours: dict[KeyPath, str | None] = {("look", "accent"): config.look.accent}
    colours |= {("customers", number, "look", "accent"): one.look.accent for number, one in config.customers.items()}
    for path, colour in colours.items():
        contrast = contrast_on_white(colour) if colour else _LEAST_CONTRAST
        if contrast < _LEAST_CONTRAST:
            yield Finding(path, pale(contrast), "Eine dunklere Farbe wählen.")


def pale(contrast: float) -> str:
    """The sentence about a colour with too little contrast."""
    ratio = f"{contrast:.1f}".replace(".", ",")
    return f"Die Farbe hebt sich zu wenig vom weißen Papier ab: Kontrast {ratio}, für Schrift nötig sind 4,5."


def _levels(config: Client, _file: Path) -> Iterator[Finding]:
    for path, levels in _lists_of_levels(config).items():
        handed_over = False
        for position, level in enumerate(levels):
            if handed_over and level.reaches_customer:
                yield Finding(
                    (*path, position),
                    "Nach einer Aufgabe entscheidet ein Mensch; eine Erinnerung darf ihr nicht von selbst folgen.",
                    "Erst alle Stufen mit  action: reminder  oder  notice, danach  action: task.",
                )
            handed_over = handed_over or not level.reaches_customer


def _level_templates(config: Client, file: Path) -> Iterator[Finding]:
    """A level's own templates must be there, in a folder of their own below the client's."""
    folder = config.look.templates
    for path, levels in _lists_of_levels(config).items():
        for position, level in enumerate(levels):
            place = (*path, position, "template")
            if level.template and not folder:
                cure = "look.templates setzen oder template leer lassen."
                yield Finding(place, "Eigene Vorlagen einer Stufe brauchen einen Vorlagenordner.", cure)
            elif level.template and folder and not is_folder_below(file.parent / folder / "levels", level.template):
                wanted = file.parent / folder / "levels" / level.template
                yield Finding(place, "Diese Vorlage gibt es nicht.", f"Ordner anlegen: {wanted}")


def is_folder_below(folder: Path, name: str) -> bool:
    """Whether `name` is a folder right below `folder`, and no way out of it."""
    return name not in (".", "..") and Path(name).name == name and (folder / name).is_dir()


def _hours(config: Client, _file: Path) -> Iterator[Finding]:
    for rules in _all_rules(config):
        path = next((path for path, part in rules.parts if part.sending), ("dunning",))
        first, last = rules.policy.hours
        if not rules.policy.weekdays:
            yield Finding((*path, "sending", "weekdays"), "So ginge nie eine Erinnerung hinaus.", "weekdays: [mo, do]")
        if first >= last:
            yield Finding(
                (*path, "sending", "until_hour"),
                "So ginge nie eine Erinnerung hinaus: die Endstunde muss nach der Anfangsstunde liegen.",
                f"zum Beispiel  until_hour: {min(first + 8, 24)}",
            )


def _groups(config: Client, _file: Path) -> Iterator[Finding]:
    for number, one in config.customers.items():
        group = one.dunning.group if one.dunning else None
        if group and group not in config.dunning.groups:
            yield Finding(
                ("customers", number, "dunning", "group"),
                "Diese Kundengruppe steht nicht unter  dunning.groups.",
                nearest(group, config.dunning.groups),
            )


def _lawful(config: Client, _file: Path) -> Iterator[Finding]:
    """What the law forbids, for all, each group and each customer."""
    for rules in _all_rules(config):
        for breach in breaches(rules.policy, rules.kinds):
            yield Finding((*rules.place_of_levels(breach.kind), breach.level), breach.text, breach.cure)


def _all_rules(config: Client) -> Iterator[Rules]:
    """Of all customers, of each group, and of each customer of whom the file says how he is reminded."""
    yield rules_of_all(config.dunning)
    yield from (rules_of_group(config.dunning, name) for name in config.dunning.groups)
    yield from customer_rules(config).values()


def _lists_of_levels(config: Client) -> dict[KeyPath, tuple[Level, ...]]:
    """Every list of levels that the file holds or that stands in for one, by its place; each once."""
    found: dict[KeyPath, tuple[Level, ...]] = {}
    for rules in _all_rules(config):
        for kind in (None, *rules.policy.groups):
            levels = rules.policy.levels if kind is None else rules.policy.groups[kind]
            found.setdefault(rules.place_of_levels(kind), levels)
    return found
