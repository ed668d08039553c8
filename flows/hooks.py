"""The addresses of one client that are told what becomes of its invoices."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pydantic import ValidationError

from config.loading import LoadedClient, problems_from, problems_of
from config.problems import ConfigError
from config.secrets import SecretsMissing, resolve_options, secret_names_of
from config.settings import Settings
from config.webhooks import Happening
from connectors.webhook_post import Poster
from connectors.webhook_post import Settings as PostSettings


@dataclass(frozen=True, slots=True)
class Hook:
    """One address: which happenings it wants, and the way to it."""

    name: str
    wants: frozenset[Happening]
    poster: Poster


def hooks_of(settings: Settings, loaded: LoadedClient, remember: Callable[[Iterable[str]], None]) -> tuple[Hook, ...]:
    """The client's addresses with their keys; `remember` gets every secret. Raises `ConfigError`."""
    return tuple(_hook(settings, loaded, name, remember) for name in loaded.config.webhooks)


def _hook(settings: Settings, loaded: LoadedClient, name: str, remember: Callable[[Iterable[str]], None]) -> Hook:
    section, prefix = loaded.config.webhooks[name], ("webhooks", name)
    options = {"url": section.url, "secret": section.secret}
    try:
        resolved = resolve_options(options, settings, secret_names_of(PostSettings))
        remember(resolved.secrets)
        return Hook(name, frozenset(section.events), Poster(PostSettings(**resolved.options)))
    except SecretsMissing as error:
        raise ConfigError(problems_of(error, loaded, prefix)) from None
    except ValidationError as error:
        raise ConfigError(problems_from(error, loaded, prefix, PostSettings)) from None
