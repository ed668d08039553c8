"""`register`: tell Prefect what the clients' files ask for, again and again if wanted; Prefect's memory may be lost."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import structlog
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.responses import DeploymentResponse

from config.loading import LoadedClient, load_clients
from config.settings import Settings
from desk.automations import register_automations
from desk.deployments import OURS, POOL, PROCESS, deployments_of
from ledger import pauses
from ledger.database import open_ledger

log = structlog.get_logger()

HERE = Path(__file__).parents[1]
LOOK_SECONDS = 5
PAGE = 100


class RegisteringFailed(Exception):
    """Prefect did not take it; the message is German."""


def register(settings: Settings, changed: Collection[str] | None = None) -> int:
    """Work pools, deployments and automations as the files want them now; how many deployments there are.

    With `changed` only these clients' deployments are renewed. Those of a client whose file has gone are deleted; a
    file with mistakes keeps those it had.
    """
    clients, problems = load_clients(settings)
    for problem in problems:
        log.warning("client left as it was", problem=str(problem))
    _make_pools(pools_of(clients))
    _deploy(settings, [loaded for loaded in clients if changed is None or loaded.config.name in changed])
    known = {loaded.config.name for loaded in clients} | {Path(problem.file).stem for problem in problems}
    with get_client(sync_client=True) as client:
        kept = [found for found in list(ours(client)) if not _is_stale(client, found, known)]
        register_automations(client, settings)
    return len(kept)


def watch(settings: Settings) -> None:
    """Register now and whenever a file, a pause or Prefect's own memory has changed."""
    seen: dict[str, str] = {}
    registered = -1
    while True:
        wanted, present = _wanted(settings), _number()
        # Other deployments than we left: Prefect has forgotten what it knew, or somebody deleted some.
        changed = None if present != registered else {name for name in wanted if wanted[name] != seen.get(name)}
        if changed is None or changed or seen.keys() - wanted.keys():
            try:
                registered, seen = register(settings, changed), wanted
                log.info("registered", deployments=registered, clients=sorted(wanted if changed is None else changed))
            except RegisteringFailed as error:
                log.warning(str(error))
        time.sleep(LOOK_SECONDS)


def pools_of(clients: list[LoadedClient]) -> dict[str, str]:
    """The work pools that the clients name, and the one for alarms, with their types; the first client decides."""
    named = {loaded.config.running.pool: loaded.config.running.pool_type for loaded in reversed(clients)}
    return {POOL: PROCESS, **named}


def ours(client: SyncPrefectClient) -> Iterator[DeploymentResponse]:
    """All deployments that a client's file has asked for."""
    wanted = DeploymentFilter(tags=DeploymentFilterTags(all_=[OURS]))
    offset = 0
    while page := client.read_deployments(deployment_filter=wanted, limit=PAGE, offset=offset):
        yield from page
        offset += PAGE


def _is_stale(client: SyncPrefectClient, found: DeploymentResponse, known: set[str]) -> bool:
    if known & set(found.tags):
        return False
    client.delete_deployment(found.id)
    log.info("client gone", deployment=found.name)
    return True


def _resting(settings: Settings) -> list[str]:
    ledger = open_ledger(settings.database_url)
    try:
        with ledger.reading() as session:
            return sorted(pauses.paused(session))
    finally:
        ledger.close()


def _wanted(settings: Settings) -> dict[str, str]:
    """What each client's file and state look like now."""
    resting = _resting(settings)
    files = sorted(settings.clients.glob("*.y*ml"))
    return {file.stem: f"{hashlib.sha256(file.read_bytes()).hexdigest()} {file.stem in resting}" for file in files}


def _number() -> int:
    with get_client(sync_client=True) as client:
        return sum(1 for _ in ours(client))


def _make_pools(wanted: Mapping[str, str]) -> None:
    """Those that are there already stay as the operator has set them: paused, for instance."""
    present = _pools_present()
    for name, kind in wanted.items():
        if present.get(name, kind) != kind:
            log.warning("work pool is of another type", pool=name, wanted=kind, present=present[name])
        if name in present:
            continue
        try:
            _prefect("work-pool", "create", name, "--type", kind)
        except RegisteringFailed:
            # A worker that starts at the same moment makes its pool itself.
            if name not in _pools_present():
                raise


def _pools_present() -> dict[str, str]:
    with get_client(sync_client=True) as client:
        return {pool.name: pool.type for pool in client.read_work_pools(limit=PAGE)}


def _deploy(settings: Settings, clients: list[LoadedClient]) -> None:
    if not clients and not settings.alarm_mail:
        return
    file = settings.home / "prefect" / "deployments.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    wanted = deployments_of([loaded.config for loaded in clients], _resting(settings), bool(settings.alarm_mail))
    file.write_text(wanted, "utf-8")
    _prefect("--no-prompt", "deploy", "--prefect-file", str(file.absolute()), "--all")


def _prefect(*arguments: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "prefect", *arguments],
        cwd=HERE,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise RegisteringFailed(
            f"Prefect nahm  {' '.join(arguments[:3])}  nicht an: {(ended.stdout + ended.stderr)[-800:]}"
        )
