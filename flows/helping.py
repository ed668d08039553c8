"""Helping: a run that finds more than it can do alone calls others beside it, as many as its client allows."""

from prefect import runtime
from prefect.deployments import run_deployment
from prefect.logging import get_run_logger

from flows.work import Work

HELPER = "mithilfe"
"""The tag of runs that were called to help; they call nobody."""
CHUNKS_ALONE = 2


def call_helpers(work: Work, pending: int) -> bool:
    """Start the same flow once more for each worker that may share; they take their chunks from the ledger.

    Whether somebody was called.
    """
    deployment, tags = runtime.deployment.id, runtime.flow_run.tags or []
    chunk = work.config.running.chunk or work.settings.chunk_size
    useful = min(work.config.running.at_once, -(-pending // chunk)) - 1
    if not deployment or HELPER in tags or pending <= CHUNKS_ALONE * chunk or useful < 1:
        return False
    get_run_logger().info(f"{pending} Vorgänge: {useful} weitere Läufe helfen.")
    for _ in range(useful):
        run_deployment(
            deployment, parameters=dict(runtime.flow_run.parameters), timeout=0, as_subflow=False, tags=[HELPER]
        )
    return True
