"""Work pools: each client's flows run where his file says, as processes or as containers."""

from ruamel.yaml import YAML

from config.loading import LoadedClient, load_client
from desk.deployments import deployments_of
from desk.registering import pools_of
from desk.up import Places, children
from tests.flows.business import Business

CONTAINERS = "running: {pool: behaelter, pool_type: docker, job_variables: {image: rechnungsbote}}\n"


def loaded(business: Business, more: str) -> LoadedClient:
    """The client with something added to his file."""
    business.client_file.write_text(business.client_file.read_text("utf-8") + more, "utf-8")
    found = load_client(business.client_file)
    assert isinstance(found, LoadedClient), found
    return found


def test_a_container_pool_is_what_the_file_says(business: Business) -> None:
    """The pool gets its type, and every deployment what a container needs to know."""
    client = loaded(business, CONTAINERS)

    assert pools_of([client]) == {"invoicing": "process", "behaelter": "docker"}
    written = YAML(typ="safe").load(deployments_of([client.config]))["deployments"]
    expected = {"name": "behaelter", "work_queue_name": "default", "job_variables": {"image": "rechnungsbote"}}
    assert {str(each["work_pool"]) for each in written} == {str(expected)}


def test_up_works_for_process_pools_only(business: Business) -> None:
    """A pool of containers has workers of its own; one of processes gets ours."""
    loaded(business, CONTAINERS)
    assert [child.name for child in children(business.settings, Places()) if "Arbeiter" in child.name] == ["Arbeiter"]

    loaded(business, "")
    text = business.client_file.read_text("utf-8").replace("pool_type: docker", "pool_type: process")
    business.client_file.write_text(text, "utf-8")
    names = [child.name for child in children(business.settings, Places()) if "Arbeiter" in child.name]
    assert names == ["Arbeiter behaelter", "Arbeiter"]
