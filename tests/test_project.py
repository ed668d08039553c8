"""The repository itself: the lock, the files git keeps, the scripts that set things up."""

import os
import re
import shutil
import stat
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from desk.panels import ORDER

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
LARGEST_FILE = 1_000_000
SCRIPTS = ["setup/bootstrap.sh", "setup/apt-install.sh", ".ci/run"]

# Put together here, so that this file does not contain what it forbids.
REGISTRY_HOSTS = ["py" + "pi.org", "python" + "hosted.org", "registry.npm" + "js", "deb." + "debian.org"]
MACHINE_PATHS = [f"/{name}/" for name in ("wo" + "rk", "fa" + "rm", "ro" + "ot", "tmp/" + "dev")]


def locked_blocks(text: str) -> Iterator[str]:
    """Each requirement of a lock with its continuation lines, comments left out."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    yield from (block.strip() for block in re.split(r"\n(?=\S)", lines) if block.strip())


def unhashed(text: str) -> list[str]:
    """The requirements of a lock that are not pinned to one version with at least one hash."""
    pinned = re.compile(r"[a-z0-9-]+==\S+.*--hash=sha256:[0-9a-f]{64}", re.DOTALL)
    return [block for block in locked_blocks(text) if not pinned.match(block)]


def places_named(text: str) -> list[str]:
    """The lines of a lock that say where a package comes from: an index, an address, a file or folder."""
    place = re.compile(r"://|(^|\s)(-i|-f|-e|-r|--(?!hash=)[a-z-]+)(\s|=)|\s@\s|(^|\s)~?/")
    return [line for line in text.splitlines() if place.search(line)]


def locked_versions() -> dict[str, set[str]]:
    """Package name to its pinned versions: more than one where Pythons need different ones."""
    versions: dict[str, set[str]] = {}
    for block in locked_blocks(LOCK.read_text(encoding="utf-8")):
        name, _, rest = block.partition("==")
        versions.setdefault(canonicalize_name(name), set()).add(rest.split()[0])
    return versions


def declared_requirements() -> list[Requirement]:
    """What pyproject.toml asks for: to run, to develop, to build."""
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = content["project"]
    texts = [
        *project["dependencies"],
        *project["optional-dependencies"]["dev"],
        *content["build-system"]["requires"],
    ]
    return [Requirement(text) for text in texts]


def kept_files() -> list[Path]:
    """The files git keeps or would keep; skips outside a git checkout."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("no git checkout: nobody can say which files are kept")
    command = [git, "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
    return [ROOT / name for name in sorted(set(names)) if name and (ROOT / name).is_file()]


def test_lock_pins_and_hashes_everything() -> None:
    """Every package of the lock has one version and the hashes of its files."""
    text = LOCK.read_text(encoding="utf-8")

    assert len(list(locked_blocks(text))) > 100
    assert unhashed(text) == []


def test_lock_names_no_place() -> None:
    """The lock says what to install, never from where: that is each machine's own business."""
    assert places_named(LOCK.read_text(encoding="utf-8")) == []


def test_lock_satisfies_pyproject() -> None:
    """Every requirement of pyproject.toml is locked in a version it allows; else `make lock` is due."""
    versions = locked_versions()
    due = [
        str(wanted)
        for wanted in declared_requirements()
        if not any(wanted.specifier.contains(v) for v in versions.get(canonicalize_name(wanted.name), ()))
    ]

    assert due == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.org/simple",
        "-i simple",
        "--find-links=wheels",
        "-r other.txt",
        "segno @ file:///wheels/segno.whl",
        "/opt/wheels/segno.whl",
    ],
)
def test_place_in_a_lock_is_found(line: str) -> None:
    """An index, an address or a path in a lock does not go unnoticed."""
    assert places_named(f"httpx==0.28.1 \\\n    --hash=sha256:{'0' * 64}\n{line}\n") == [line]


@pytest.mark.parametrize("block", ["segno==1.6.6", "segno>=1.6 \\\n    --hash=sha256:" + "0" * 64])
def test_loose_requirement_is_found(block: str) -> None:
    """A requirement without a hash or without one exact version does not go unnoticed."""
    assert unhashed(f"{block}\n    # via rechnungsbote\n") == [block]


def test_kept_files_name_no_machine() -> None:
    """No file in git names a package registry's host or a path of the machine it was written on."""
    forbidden = re.compile("|".join(map(re.escape, REGISTRY_HOSTS + MACHINE_PATHS)).encode())
    named = [
        f"{path.relative_to(ROOT)}: {found.group().decode()}"
        for path in kept_files()
        if (found := forbidden.search(path.read_bytes()))
    ]

    assert named == []


def test_kept_files_are_small() -> None:
    """Git keeps sources, not output: no file is larger than a megabyte."""
    assert [path.name for path in kept_files() if path.stat().st_size > LARGEST_FILE] == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_runs_and_parses(script: str) -> None:
    """The set-up scripts are executable and free of syntax errors."""
    path = ROOT / script
    shell = path.read_text(encoding="utf-8").splitlines()[0].split()[-1].rpartition("/")[2]

    assert path.stat().st_mode & stat.S_IXUSR
    subprocess.run([shell, "-n", str(path)], check=True)


@pytest.fixture
def bare_machine(tmp_path: Path) -> Path:
    """A checkout of the set-up alone, and a `bin` with the shell's tools but no Python, apt or sudo."""
    shutil.copytree(ROOT / "setup", tmp_path / "setup")
    for name in ("pyproject.toml", "requirements.lock"):
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "cat", "cksum", "dirname", "env", "head", "id", "mktemp", "rm", "touch", "uname"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def put_python(machine: Path, script: str) -> None:
    """Places a stand-in for `python3` on a machine."""
    python = machine / "bin" / "python3"
    python.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    python.chmod(0o755)


def bootstrap(machine: Path) -> subprocess.CompletedProcess[str]:
    """Runs the set-up on a machine that has nothing but its `bin`."""
    environment = {"PATH": str(machine / "bin"), "PYTHON": "python3", "LANG": os.environ.get("LANG", "C.UTF-8")}
    command = [str(machine / "bin" / "sh"), str(machine / "setup" / "bootstrap.sh")]
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)


def test_old_python_is_refused_by_name(bare_machine: Path) -> None:
    """A Python before 3.11 ends the set-up with exit 2, the version found and what to type."""
    put_python(bare_machine, 'case "$1" in -V) echo Python 3.9.2;; *) exit 1;; esac')

    result = bootstrap(bare_machine)

    assert result.returncode == 2
    assert "3.11 oder neuer" in result.stderr
    assert "Python 3.9.2" in result.stderr
    assert not (bare_machine / ".venv").exists()


def test_missing_venv_module_names_the_package(bare_machine: Path) -> None:
    """Without venv and without the right to install it, the set-up says which package to install."""
    put_python(
        bare_machine,
        'case "$*" in *ensurepip*|*virtualenv*) exit 1;; *print*) echo 3.11;; *) exit 0;; esac',
    )

    result = bootstrap(bare_machine)

    assert result.returncode == 2
    assert "python3.11-venv" in result.stderr


def test_failing_step_keeps_its_own_error(bare_machine: Path) -> None:
    """When .venv cannot be made, the reason stands above our line and nothing counts as ready."""
    put_python(bare_machine, 'case "$*" in "-m venv"*) echo disk full >&2; exit 1;; *) echo 3.11; exit 0;; esac')

    result = bootstrap(bare_machine)

    assert result.returncode == 1
    assert result.stderr.index("disk full") < result.stderr.index("Abgebrochen")
    assert not (bare_machine / ".venv" / ".ready").exists()


def test_the_readme_names_every_command_and_no_other() -> None:
    """Who reads the table of commands knows all that `rechnungsbote` can do."""
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    named = {words.split()[0] for row in rows for words in re.findall(r"`(.*?)`", row)}
    assert named == set(ORDER)
