import json

import pytest

from cluster import House


@pytest.fixture(scope="session")
def cluster():
    """A primary, its synchronous standby, a small demo world and three nodes."""
    house = House()
    try:
        first, second = house.server("first"), house.server("second")
        first.make()
        first.start()
        first.sql("create database house encoding 'UTF8' template template0")
        house.url_of_both = house.url(first, second)
        house.run("demo", "--database-url", house.url(first), "--tickets", "12", "--seed", "5",
                  "--password", "kestrel-harbour-42")
        second.copy_of(first)
        second.start()
        first.waits_for("*")
        first.wait_for_standby()
        house.token = house.run(
            "token", "create", "--user", "service_manager", "--database-url", house.url_of_both).stdout.strip()
        for _ in range(3):
            house.node(house.url_of_both)
        me = json.loads(house.nodes[0].ask("GET", "/api/v1/tickets?limit=1", token=house.token)[2])
        known = me["items"][0]
        house.place = {"organization_id": known["organization"]["id"], "requester_id": known["requester"]["id"]}
        yield house
    finally:
        house.close()
