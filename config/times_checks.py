"""What a client's section about recorded work must say to itself and to the rest of the file."""

from collections.abc import Iterator
from pathlib import Path

from config.client import Client
from config.problems import Finding, KeyPath
from config.times import TiersSection, TimesSection


def times(config: Client, _file: Path) -> Iterator[Finding]:
    """Everything that must change before recorded work can be billed."""
    section = config.times
    if section is None:
        return
    if section.system and section.folder:
        yield Finding(
            ("times", "folder"), "Zeiten kommen aus einer Verbindung oder aus einem Ordner.", "Eines von beiden leeren."
        )
    if section.timesheet and config.invoices.pdf == "accounting":
        yield Finding(
            ("times", "timesheet"),
            "Der Tätigkeitsnachweis steht auf unserem PDF; versandt wird das der Buchhaltung.",
            "invoices.pdf: own  setzen, oder  times.timesheet: false.",
        )
    places: dict[KeyPath, TiersSection | None] = {("times", "tiers"): section.tiers}
    places |= {("times", "customers", number, "tiers"): one.tiers for number, one in section.customers.items()}
    for path, tiers in places.items():
        yield from _tiers(path, tiers)
    yield from _names(section)


def _tiers(path: KeyPath, tiers: TiersSection | None) -> Iterator[Finding]:
    above = [step.above_hours for step in tiers.steps] if tiers else []
    for place, (before, after) in enumerate(zip(above, above[1:], strict=False), start=1):
        if after <= before:
            yield Finding(
                (*path, "steps", place, "above_hours"),
                f"Die Stufen steigen: nach {before} Stunden muss eine größere Zahl folgen.",
                "Stufen der Reihe nach schreiben.",
            )


def _names(section: TimesSection) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for number, one in section.customers.items():
        for name in one.names:
            if seen.setdefault(name, number) != number:
                yield Finding(
                    ("times", "customers", number, "names"),
                    f"{name} heißt schon der Kunde {seen[name]}.",
                    "Jeden Namen nur einem Kunden geben.",
                )
