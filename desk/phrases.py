"""What typer says around our commands, in German: help, complaints, the end by Ctrl+C.

Only a part of its words goes through gettext, and that asks the environment for a language; so they are said here.
"""

import re
from typing import Any

import typer
from rich.markup import escape
from rich.text import Text
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.exceptions import TyperException

from desk.console import Exit, err

FRAME = {
    "ARGUMENTS_PANEL_TITLE": "Angaben",
    "OPTIONS_PANEL_TITLE": "Optionen",
    "COMMANDS_PANEL_TITLE": "Befehle",
    "REQUIRED_LONG_STRING": "[nötig]",
    "DEFAULT_STRING": "[sonst: {}]",
    "ABORTED_TEXT": "Abgebrochen.",
}
ARGUMENTS = {
    "number": "NUMMER", "identity": "NR", "task": "NR", "file": "DATEI", "target": "ORDNER", "folder": "ORDNER",
    "name": "NAME", "kind": "ART", "what": "WAS", "key": "KUNDE", "draft": "RECHNUNG", "client": "MANDANT",
    "connector": "ANSCHLUSS",
}  # fmt: skip
"""What the usage line calls the words to be typed."""

TYPES = {
    "<%Y-%m-%d>": "<JJJJ-MM-TT>", "<datetime>": "<Zeitpunkt>", "<str>": "<Text>", "<list[str]>": "<Text>",
    "<path>": "<Pfad>", "<int>": "<Zahl>", "<int range>": "<Zahl>", "<list[int]>": "<Zahl>", "<Decimal>": "<Zahl>",
    "<bool>": "",
}  # fmt: skip
USAGE = {"[OPTIONS]": "[OPTIONEN]", "COMMAND [ARGS]...": "BEFEHL …"}

SENTENCES = [(re.compile(pattern, re.DOTALL), said) for pattern, said in (
    (r"Invalid value: ", ""),
    (r"Invalid value for '([^']+)': ", r"\1: "),
    (r"Invalid value for (.+?): ", r"\1: "),
    (r"(?:Value error|Assertion failed), ", ""),
    (r"Missing (?:argument|option|parameter) '([^']+)'\.", r"Es fehlt: \1."),
    (r"Missing command\.", "Es fehlt ein Befehl."),
    (r" Choose from:\s+(.+)", r" Möglich ist: \1"),
    (r"No such command '(.+?)'\.?", r"Den Befehl „\1“ gibt es nicht."),
    (r"No such option: (\S+)", r"Die Option \1 gibt es nicht."),
    (r"(?<=\.) Did you mean (.+)\?", r" Gemeint ist vielleicht \1."),
    (r" \(Possible options: (.+)\)", r" Gemeint ist vielleicht \1."),
    (r"Got unexpected extra argument\(s\) \((.+)\)", r"Zu viel angegeben: \1"),
    (r"Option '(.+?)' requires (?:an argument|\d+ arguments)\.", r"Zur Option \1 fehlt der Wert."),
    (r"Option '(.+?)' does not take a value\.", r"Die Option \1 hat keinen Wert."),
    (r"'(.*)' does not match the formats '%Y-%m-%d'\.",
     r"„\1“ ist kein Tag. Erwartet wird JJJJ-MM-TT, etwa 2026-10-31."),
    (r"'(.*)' is not one of (.+)\.", r"„\1“ gibt es hier nicht. Möglich ist: \2."),
    (r"Input should be a valid (?:datetime|date).*", "Erwartet wird ein Zeitpunkt, etwa 2026-10-31T08:00."),
    (r"Input should be a valid integer.*", "Erwartet wird eine ganze Zahl."),
    (r"Unable to parse input string as an integer.*", "Diese Zahl ist zu groß."),
    (r"Input should be greater than or equal to (.+)", r"Erwartet wird mindestens \1."),
    (r"Input should be less than or equal to (.+)", r"Erwartet wird höchstens \1."),
)]  # fmt: skip
"""Every sentence of typer's, and of pydantic's about a value, that our options can bring about."""


class _Types(rich_utils.TypesHighlighter):
    """What kind of value an option takes."""

    def __call__(self, text: str | Text) -> Text:
        plain = str(text)
        for english, german in TYPES.items():
            plain = plain.replace(english, german)
        return super().__call__(Text(plain, style=rich_utils.STYLE_TYPES, overflow="fold"))


class _German:
    """What commands and groups of them have in common."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """The usage line."""
        pieces = [USAGE.get(piece, piece) for piece in self.collect_usage_pieces(ctx)]  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, " ".join(pieces), "Aufruf: ")

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        """The option --help."""
        found: TyperOption | None = super().get_help_option(ctx)  # type: ignore[misc]
        if found:
            found.help = "Zeigt diese Hilfe."
        return found


class Command(_German, TyperCommand):
    """A command whose help is German."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for param in self.params:
            if param.param_type_name == "argument" and param.metavar is None:
                param.metavar = ARGUMENTS.get(param.name, param.name.upper())


class Group(_German, TyperGroup):
    """A group of commands whose help and complaints are German."""

    def main(self, *given: Any, **named: Any) -> Any:
        """Carry out what was typed; ends the process as typer does."""
        try:
            code = super().main(*given, **named | {"standalone_mode": False})
        except typer.Abort:
            rich_utils.rich_abort_error()
            code = Exit.LOOK
        except TyperException as error:
            complain(error)
            code = error.exit_code
        raise SystemExit(code)


def complain(error: TyperException) -> None:
    """Say what cannot be done with what was typed, and where help is."""
    message = in_german(error.format_message())
    if not message:
        return  # it was only typed too little, and help has been shown
    ctx: typer.Context | None = getattr(error, "ctx", None)
    if ctx is not None:
        err.print(escape(ctx.get_usage()))
        err.print(f"Hilfe: {escape(ctx.command_path)} {ctx.help_option_names[0]}", style="dim")
    err.print(f"[red]Fehler:[/] {escape(message)}", soft_wrap=True)


def in_german(message: str) -> str:
    """A sentence of typer's in German; one of ours stays as it is."""
    for pattern, said in SENTENCES:
        message = pattern.sub(said, message)
    return message.replace("\n\t", " ")


def speak_german(app: typer.Typer) -> None:
    """Let this program, its groups and their commands say everything in German."""
    for name, text in FRAME.items():
        setattr(rich_utils, name, text)
    rich_utils.types_highlighter = _Types()
    app.info.cls = Group
    for command in app.registered_commands:
        command.cls = Command
    for group in app.registered_groups:
        group.cls = Group
        if group.typer_instance:
            speak_german(group.typer_instance)
