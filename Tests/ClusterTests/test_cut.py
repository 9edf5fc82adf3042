"""The line to the server breaks while a commit is under way, or the server's disk is full: nobody is told
of success that isn't one, and the same key finds out what became of it."""
import json
import random
import shutil
import socket
import string
import subprocess
import threading
import uuid

import pytest

from cluster import House, free_port


class Line:
    """Stands between a node and the server, and cuts the first commit after `arm` was called."""

    def __init__(self, server):
        self.server = server
        self.port = free_port()
        self.armed = None
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, daemon=True).start()

    def arm(self, how):
        self.armed = how

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.server.port))
            answered = threading.Event()
            mute = threading.Event()
            for source, target, is_request in ((near, far, True), (far, near, False)):
                threading.Thread(
                    target=self.carry, args=(source, target, is_request, mute, answered), daemon=True).start()

    def carry(self, source, target, is_request, mute, answered):
        try:
            while piece := source.recv(65536):
                # A simple query: Q, its length, `commit`, a zero. Readers end theirs another way.
                if is_request and self.armed and piece.startswith(b"Q") and b"commit\0" in piece:
                    how, self.armed = self.armed, None
                    self.cuts += 1
                    if how == "after":
                        # The server is done when it answers, and its answer goes nowhere.
                        mute.set()
                        target.sendall(piece)
                        answered.wait(30)
                    break
                if not is_request and mute.is_set():
                    answered.set()
                    break
                target.sendall(piece)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()


@pytest.mark.parametrize("how", ["before", "after"])
def test_a_commit_is_cut(cluster, how):
    line = Line(cluster.primary)
    node = cluster.node(f"postgres://fettle@127.0.0.1:{line.port}/house?sslmode=disable&gssencmode=disable")
    body = {**cluster.place, "title": f"Cut {how} the commit", "description": "The line breaks.",
            "category": "quality"}
    key = str(uuid.uuid4())
    try:
        assert node.ask("GET", "/api/v1/me", token=cluster.token)[0] == 200
        line.arm(how)
        status, headers, text = node.ask("POST", "/api/v1/tickets", body, cluster.token, key)
        assert line.cuts == 1
        assert status == 503 and "retry-after" in headers, (status, text)
        assert json.loads(text)["code"] == "unknown_commit"
        status, headers, text = node.ask("POST", "/api/v1/tickets", body, cluster.token, key)
        assert status == 201, text
        assert ("idempotency-replayed" in headers) == (how == "after")
        count = cluster.primary.sql(
            f"select count(*) from ticket where title = '{body['title']}'", "house")
        assert count == "1"
    finally:
        node.stop()
        cluster.nodes.remove(node)
        line.close()


def test_a_full_disk_is_named(cluster):
    """The server's own word for it, said by a trigger: nothing of the ticket stays."""
    server = cluster.primary
    server.sql("""
        create function full_disk() returns trigger language plpgsql as $$
        begin
          if new.title = 'The disk is full' then
            raise exception 'could not extend file' using errcode = '53100';
          end if;
          return new;
        end $$;
        create trigger full_disk before insert on ticket for each row execute function full_disk()""", "house")
    try:
        rows = server.sql("select (select count(*) from ticket), (select count(*) from history)", "house")
        body = {**cluster.place, "title": "The disk is full", "description": "No room.", "category": "quality"}
        status, headers, text = cluster.nodes[0].ask("POST", "/api/v1/tickets", body, cluster.token)
        assert status == 503 and "retry-after" in headers
        assert json.loads(text)["code"] == "disk_full"
        assert server.sql(
            "select (select count(*) from ticket), (select count(*) from history)", "house") == rows
        body["title"] = "There is room again"
        assert cluster.nodes[0].ask("POST", "/api/v1/tickets", body, cluster.token)[0] == 201
    finally:
        server.sql("drop trigger full_disk on ticket; drop function full_disk()", "house")


def test_a_disk_that_is_really_full():
    """The history lies on a small disk of its own, and people write until it is full: what was
    acknowledged is there, what was refused is not, and with more room the work goes on."""
    house = House()
    disk = house.folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk], capture_output=True, text=True)
    if mounted.returncode != 0:
        house.close()
        pytest.skip(f"no disk of its own can be mounted here: {mounted.stderr.strip()}")
    try:
        server = house.server("alone")
        shutil.chown(disk, "postgres")
        server.make()
        server.start()
        server.sql("create database house encoding 'UTF8' template template0")
        url = house.url(server)
        house.run("demo", "--database-url", url, "--tickets", "3", "--seed", "5",
                  "--password", "kestrel-harbour-42")
        server.sql(f"create tablespace small location '{disk}'")
        server.sql("alter table history set tablespace small", "house")
        token = house.run(
            "token", "create", "--user", "service_manager", "--database-url", url).stdout.strip()
        node = house.node(url)
        known = json.loads(node.ask("GET", "/api/v1/tickets?limit=1", token=token)[2])["items"][0]
        ticket = json.loads(node.ask("POST", "/api/v1/tickets", {
            "organization_id": known["organization"]["id"], "requester_id": known["requester"]["id"],
            "title": "方位轴过流告警 AZ-217", "description": "The axis stops at 214°.", "category": "quality",
        }, token)[2])["number"]
        chance = random.Random(5)
        kept, refused = [], None
        for n in range(4000):
            # Letters without a pattern, or the server would make them small.
            body = f"note {n} " + "".join(chance.choices(string.ascii_letters, k=9000))
            status, headers, text = node.ask("POST", f"/api/v1/tickets/{ticket}/notes", {"body": body}, token)
            if status != 201:
                refused = (status, headers, json.loads(text))
                break
            kept.append(body)
        assert refused and refused[0] == 503 and "retry-after" in refused[1], refused
        assert refused[2]["code"] == "disk_full"
        assert "No space left on device" in server.log()
        # Reading goes on.
        assert node.ask("GET", f"/api/v1/tickets/{ticket}", token=token)[0] == 200
        count = "select count(*) from history where data like '%note %'"
        assert server.sql(count, "house") == str(len(kept))
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        status, _, text = node.ask("POST", f"/api/v1/tickets/{ticket}/notes", {"body": "note again"}, token)
        assert status == 201, text
        assert server.sql(count, "house") == str(len(kept) + 1)
        assert house.run("verify", "--database-url", url).returncode == 0
    finally:
        for one in house.nodes:
            one.stop()
        for one in house.servers:
            one.stop()
        subprocess.run(["umount", "-l", disk], check=True)
        house.close()
