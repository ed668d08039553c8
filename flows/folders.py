"""Folders that a client's file names and that may be on a share: judged by `check`, while a run only names them."""

from config.loading import LoadedClient, beside, problem_at
from config.problems import ConfigError

PLACES = (("payments", "bank_folder"), ("filing", "folder"), ("times", "folder"))
"""Section and key of every folder that must be there. A run goes on without: a share may be away for an hour."""


def check_folders(loaded: LoadedClient) -> None:
    """Raise `ConfigError` with all folders that are missing."""
    problems = []
    for section, key in PLACES:
        named = getattr(loaded.config, section)
        folder = beside(loaded, getattr(named, key)) if named else None
        if folder is not None and not folder.is_dir():
            cure = f"Ordner anlegen: {folder}"
            problems.append(problem_at(loaded, (section, key), "Diesen Ordner gibt es nicht.", cure))
    if problems:
        raise ConfigError(problems)
