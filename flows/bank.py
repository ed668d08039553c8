"""The bank files of a client: where they lie and how their CSV is built, checked before the first run."""

from pydantic import ValidationError

from config.loading import LoadedClient, problem_at, problems_from
from config.problems import ConfigError
from connectors.bank_csv import CsvSettings


def bank_csv_of(loaded: LoadedClient) -> CsvSettings | None:
    """How the client's bank writes CSV; None where CSV is not read. Raises `ConfigError` naming key and line."""
    wanted = loaded.config.payments
    if not wanted.bank_csv:
        return None
    if wanted.bank_folder is None:
        cure = "bank_folder: bank  dazu setzen und den Ordner neben dieser Datei anlegen."
        raise ConfigError([problem_at(loaded, ("payments", "bank_csv"), "Ohne Ordner wird kein CSV gelesen.", cure)])
    try:
        return CsvSettings.model_validate(wanted.bank_csv)
    except ValidationError as error:
        raise ConfigError(problems_from(error, loaded, ("payments", "bank_csv"), CsvSettings)) from None
