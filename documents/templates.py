"""Templates: the client's folder before the central one, sandboxed; and a version that names what was used."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from documents.errors import BrokenTemplate, DocumentError, UnusableLook
from documents.limits import joined
from documents.look import Look, logo_file

FOLDER = Path(__file__).parent.parent / "templates"
FONTS = FOLDER / "fonts"


@dataclass(frozen=True)
class Templates:
    """The templates of one look: `write` fills one in, `version` changes whenever a file changes.

    Code runs here, in this process: `documents.workshop` sends what clients have written to a child.
    """

    environment: ImmutableSandboxedEnvironment
    language: str
    version: str

    def write(self, name: str, **values: object) -> str:
        """The text of `<language>/<name>` with these values. Raises `BrokenTemplate` and `TooLarge`."""
        return self.style(f"{self.language}/{name}", **values)

    def style(self, name: str, **values: object) -> str:
        """The style sheet `<name>` with these values; style sheets are the same in all languages."""
        try:
            return joined(self.environment.get_template(name).generate(**values))
        except TemplateError as error:
            raise BrokenTemplate(name, error.message or type(error).__name__) from error
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            if isinstance(error, DocumentError):
                raise
            raise BrokenTemplate(name, f"{type(error).__name__}: {error}") from error


@lru_cache(maxsize=64)
def templates(look: Look) -> Templates:
    """The templates of a look, read once per process. A client's `invoice.html.j2` wins over the central one and can
    extend it as `central/<language>/invoice.html.j2`, replacing only the blocks it wants.
    """
    central = FileSystemLoader(FOLDER)
    loaders = [central, PrefixLoader({"central": central})]
    for folder in (look.templates, look.special):
        if folder is None:
            continue
        if not folder.is_dir():
            raise UnusableLook(f"Der Vorlagenordner {folder} fehlt.")
        loaders.insert(0, FileSystemLoader(folder))
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(loaders),
        autoescape=_is_markup,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    return Templates(environment, look.language, _version(look))


def _is_markup(name: str | None) -> bool:
    """Everything is escaped except plain text and style sheets, where an entity would be printed as it is."""
    return name is None or not name.endswith((".txt.j2", ".css.j2"))


def _version(look: Look) -> str:
    """Twelve hexadecimal digits over every file that can be part of a document: templates, fonts, logo."""
    digest = hashlib.sha256()
    folders = ((FOLDER, _in_language(look.language)), (look.templates, _ordinary), (look.special, _anything))
    for folder, wanted in folders:
        if folder is None:
            continue
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            if wanted(name):
                digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    if look.logo is not None:
        digest.update(logo_file(look.logo)[0])
    return digest.hexdigest()[:12]


def _in_language(language: str) -> Callable[[str], bool]:
    return lambda name: name.startswith((f"{language}/", "fonts/")) or "/" not in name


def _ordinary(name: str) -> bool:
    """All but the folders of single customers."""
    return not name.startswith("customers/")


def _anything(_name: str) -> bool:
    return True
