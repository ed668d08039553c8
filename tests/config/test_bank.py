"""Mistakes in how bank files are described are found when the client's file is read, not when money comes."""

from pathlib import Path

import pytest

from config.loading import LoadedClient, load_clients
from config.problems import ConfigError
from config.settings import Settings
from flows.bank import bank_csv_of
from flows.folders import check_folders
from tests.sandbox.running import ROOT

GOOD = "bank_folder: bank, bank_csv: {account: DE02120300000000202051, columns: {purpose: Text}}"


def load(folder: Path, payments: str) -> LoadedClient:
    """A client whose payments section also says this."""
    text = (ROOT / "config/clients/beispiel.yaml").read_text("utf-8")
    text = text.replace("  bank_folder: ", "  _bank_folder: ").replace("name: beispiel ", "name: test ", 1)
    start = text.index("payments:\n  system: lexware")
    end = text.index("# --- Mail:", start)
    text = f"{text[:start]}payments: {{system: lexware, {payments}}}\n{text[end:]}".replace(
        "logo: logos", "# logo: logos"
    )
    (folder / "test.yaml").write_text(text, "utf-8")
    clients, problems = load_clients(Settings(home=folder, clients=folder, secrets=folder))
    assert not problems, problems
    return clients[0]


@pytest.mark.parametrize(
    ("payments", "key", "said"),
    [
        (GOOD.replace("purpose", "zweck"), "payments.bank_csv.columns.zweck", "gibt es nicht"),
        (GOOD.replace("DE02120300000000202051", "Sparkasse"), "payments.bank_csv.account", "IBAN"),
        (GOOD.replace("account: DE02120300000000202051, ", ""), "payments.bank_csv.account", "fehlt"),
        (GOOD.replace("bank_folder: bank, ", ""), "payments.bank_csv", "Ohne Ordner"),
        (GOOD.replace("columns", "delimiter: x, columns"), "payments.bank_csv.delimiter", ""),
    ],
)
def test_a_wrong_mapping_is_named_with_its_key(tmp_path: Path, payments: str, key: str, said: str) -> None:
    """File, line, key and what is wrong with it."""
    with pytest.raises(ConfigError) as refused:
        bank_csv_of(load(tmp_path, payments))
    (problem,) = refused.value.problems
    assert (problem.path, Path(problem.file).name) == (key, "test.yaml")
    assert problem.line > 0
    assert said in problem.message


def test_a_right_mapping_is_taken(tmp_path: Path) -> None:
    """The account is written in one piece; a folder that is missing is told by check."""
    loaded = load(tmp_path, GOOD)
    settings = bank_csv_of(loaded)
    assert settings is not None
    assert settings.account == "DE02120300000000202051"
    with pytest.raises(ConfigError, match="Diesen Ordner gibt es nicht"):
        check_folders(loaded)
    (tmp_path / "bank").mkdir()
    check_folders(loaded)
