"""A server dies while people work. What was acknowledged is there, once; nobody is told anything but
"try again"; the nodes find the server that took over, and leave alone the one that was replaced."""
import os
import time

from cluster import People

ROUNDS = int(os.environ.get("FETTLE_FAILOVERS", "3"))
SEED = int(os.environ.get("FETTLE_SEED", "20260310"))


def stored(server):
    numbers = server.sql("select number from ticket", "house").split()
    notes = server.sql(
        "select data from history where kind = 'ticket.noted' or data like '%Restarted twice%'", "house")
    return numbers, notes


def test_nothing_acknowledged_is_lost(cluster):
    first = cluster.primary
    second = next(s for s in cluster.servers if s is not first)
    people = People(cluster.nodes, cluster.token, cluster.place, SEED)
    away = []
    try:
        for n in range(ROUNDS):
            before = len(people.created)
            wait(lambda: len(people.created) >= before + 10, people, "work before the fall")
            start = time.monotonic()
            first.kill()
            second.promote()
            # Nobody else stands behind it now: its keeper says so, or it would wait for ever.
            second.waits_for("")
            count = len(people.answered)
            wait(lambda: len(people.answered) >= count + 5, people, "work after the fall")
            away.append(people.longest_since(start))

            # The old one comes back as it was, and still believes itself the first.
            first.start()
            alone = first.sql("select count(*) from ticket", "house")
            count = len(people.created)
            wait(lambda: len(people.created) >= count + 10, people, "work beside the old one")
            assert first.sql("select count(*) from ticket", "house") == alone, "the old server got a write"
            late = cluster.node(cluster.url_of_both)
            assert late.ask("GET", f"/api/v1/tickets/{people.created[-1]}", token=cluster.token)[0] == 200, \
                "a new node reads from the server that was replaced"
            late.stop()
            cluster.nodes.remove(late)

            # Then it becomes the standby of the other.
            first.stop()
            first.copy_of(second)
            first.start()
            second.waits_for("*")
            second.wait_for_standby()
            first, second = second, first
    finally:
        people.stop()

    numbers, notes = stored(first)
    assert people.refused == [], people.refused[:3]
    assert set(people.created) <= set(numbers), "an acknowledged ticket is gone"
    assert len(people.created) == len(set(people.created)), "a number was given twice"
    assert len(numbers) == len(set(numbers))
    for number, text in people.answered:
        assert notes.count(text) == 1, f"{number}: {text} stands {notes.count(text)} times"
    proof = cluster.run("verify", "--database-url", cluster.url_of_both)
    assert proof.returncode == 0
    away.sort()
    print(f"{ROUNDS} failovers, seed {SEED}: {len(people.created)} tickets and {len(people.answered)} notes "
          f"acknowledged, none lost, none twice; service away {away[0]:.1f} to {away[-1]:.1f} s, "
          f"median {away[len(away) // 2]:.1f} s")


def wait(condition, people, what, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        assert not people.refused, people.refused[:3]
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s")
