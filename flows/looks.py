"""Looks: from a client's file to the look of all documents, and of those of single customers."""

from pydantic import ValidationError

from config.loading import LoadedClient, beside, problem_at, problems_from
from config.problems import ConfigError
from documents.errors import UnusableLook
from documents.logo import logo_of
from documents.look import Look


def look_of(loaded: LoadedClient) -> Look:
    """The client's look with paths made whole. Raises `ConfigError`, also for a logo that cannot be printed."""
    section = loaded.config.look
    try:
        look = Look(
            language=section.language,
            accent=section.accent,
            logo=beside(loaded, section.logo),
            footer=section.footer,
            closing=(section.closing,) if section.closing else (),
            templates=beside(loaded, section.templates),
        )
    except ValidationError as error:
        raise ConfigError(problems_from(error, loaded, ("look",), Look)) from None
    _check_logo(loaded, look, ("look", "logo"))
    return look


def looks_of(loaded: LoadedClient) -> dict[str, Look]:
    """The looks of customers that have one of their own, by customer number. Raises `ConfigError`."""
    general, found = look_of(loaded), {}
    for number, one in loaded.config.customers.items():
        section = one.look
        changes = {
            "language": one.language,
            "accent": section.accent,
            "logo": beside(loaded, section.logo),
            "footer": section.footer,
            "closing": (section.closing,) if section.closing else None,
            "special": beside(loaded, section.templates),
        }
        own = {name: value for name, value in changes.items() if value is not None}
        if own:
            found[number] = general.model_copy(update=own)
            _check_logo(loaded, found[number], ("customers", number, "look", "logo"))
    return found


def _check_logo(loaded: LoadedClient, look: Look, place: tuple[str, ...]) -> None:
    try:
        logo_of(look)
    except UnusableLook as error:
        raise ConfigError([problem_at(loaded, place, str(error))]) from None
