"""A program that stays goes by the clients' files as they are now."""

from flows.doors import Doors
from flows.renewing import Renewing
from tests.flows.business import CLIENT, Business


def test_files_that_come_change_and_go_are_noticed(business: Business) -> None:
    """Only then is anything read again; a broken file is a problem of its client alone."""
    second = business.client_file.with_name("zweiter.yaml")
    with business.house() as house:
        renewing = Renewing(house)
        assert not renewing.renew()

        second.write_text(business.client_file.read_text("utf-8").replace(f"name: {CLIENT}", "name: zweiter"), "utf-8")
        assert renewing.renew()
        assert [loaded.config.name for loaded in renewing.house.clients] == [CLIENT, "zweiter"]
        assert not renewing.renew()

        second.write_text("name: zweiter\n", "utf-8")
        assert renewing.renew()
        assert [loaded.config.name for loaded in renewing.house.clients] == [CLIENT]
        assert renewing.house.problems

        second.unlink()
        assert renewing.renew()
        assert not renewing.house.problems
        assert renewing.house.ledger is house.ledger


def test_a_new_client_gets_a_door(business: Business) -> None:
    """The receiver opens it without a restart, and closes that of a client who has gone."""
    with business.house() as house:
        renewing, doors = Renewing(house), Doors(house)
        business.client_file.rename(business.client_file.with_name("neu.yaml"))
        text = business.client_file.with_name("neu.yaml").read_text("utf-8")
        business.client_file.with_name("neu.yaml").write_text(text.replace(f"name: {CLIENT}", "name: neu"), "utf-8")
        renewing.renew()
        doors.renew(renewing.house)

        assert [door.client for door in doors] == ["neu"]
        assert doors.may_open("neu")
        assert not doors.may_open(CLIENT)
        doors.close()
