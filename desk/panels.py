"""In which groups `rechnungsbote --help` lists the commands, and in which order."""

import typer
from typer.models import CommandInfo, TyperInfo

PANELS = {
    "Anfangen": ("demo", "check", "up", "sandbox"),
    "Alltag": (
        "run", "status", "show", "why", "tasks", "done", "customer", "analysis", "times", "contracts", "desk",
    ),
    "Entscheiden": ("approvals", "approve", "decline", "arrived", "resend", "retry", "give-up", "hold", "release"),
    "Geld und Mahnen": (
        "payment", "dunning-preview", "block", "promise", "dispute", "extend", "write-off", "cancel", "lift", "accept",
        "checks", "expiring", "base-rates",
    ),
    "Belege": ("preview", "lint-templates"),
    "Mandanten und Zugänge": ("clients", "pause", "resume", "account", "users", "tokens"),
    "Von außen": ("receive", "events", "bounce", "webhooks"),
    "Betrieb": (
        "plan", "health", "metrics", "stop", "go", "reconcile", "verify", "backup", "restore", "adopt", "purge", "db",
    ),
    "Prefect und Bau": ("deployments", "register", "worker", "certify"),
}  # fmt: skip
ORDER = [name for names in PANELS.values() for name in names]


def arrange(app: typer.Typer) -> None:
    """Give every command its panel and its place. Raises `KeyError` for one that has none."""
    panel_of = {name: panel for panel, names in PANELS.items() for name in names}
    # Groups without a name only gather commands: theirs are as much the program's own.
    for group in [group for group in app.registered_groups if not isinstance(group.name, str)]:
        assert group.typer_instance is not None
        app.registered_commands += group.typer_instance.registered_commands
        app.registered_groups.remove(group)
    found: list[CommandInfo | TyperInfo] = [*app.registered_commands, *app.registered_groups]
    for info in found:
        info.rich_help_panel = panel_of[name_of(info)]
    app.registered_commands.sort(key=lambda info: ORDER.index(name_of(info)))
    app.registered_groups.sort(key=lambda info: ORDER.index(name_of(info)))


def name_of(info: CommandInfo | TyperInfo) -> str:
    """The word that is typed."""
    if isinstance(info.name, str):
        return info.name
    return str(getattr(info.callback, "__name__", "")).replace("_", "-")
