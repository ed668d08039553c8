"""`webhooks`: what an operator sees of the messages to a client's own programs."""

import json

from flows.chain.steps import ANNOUNCE
from tests.connectors.listener import listening
from tests.desk.commands import command, in_json
from tests.flows.business import Business
from tests.flows.test_announce import subscribe


def test_list_and_test_tell_how_an_address_is_doing(business: Business) -> None:
    """What waits is counted with its reason; a test message arrives signed, and ends with 1 when it does not."""
    with listening() as listener:
        subscribe(business, listener)
        business.run(ANNOUNCE)
        listener.answers = [503, 204, 500]
        business.finished_job()
        business.run()
        (shown,) = in_json(business, "webhooks", "list")["webhooks"]
        assert (shown["name"], shown["queue"]["waiting"], shown["queue"]["attempts"]) == ("erp0", 2, 1)
        assert "503" in shown["queue"]["error"]
        assert command(business, "webhooks", "test", "erp0").returncode == 0
        assert json.loads(listener.heard[-1].body)["type"] == "test"
        assert listener.heard[-1].headers["webhook-signature"].startswith("v1,")
        assert command(business, "webhooks", "test").returncode == 1
