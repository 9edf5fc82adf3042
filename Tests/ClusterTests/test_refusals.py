"""What is wrong with a server is said in one line, with what to do, and never with its password."""
import json
import os
import subprocess

import pytest


@pytest.mark.parametrize("url, says", [
    ("postgres://fettle:geheim@127.0.0.1:1/house", "cannot be reached"),
    ("postgres://fettle:geheim@127.0.0.1:PORT/nowhere", "does not exist"),
    ("postgres://nobody:geheim@127.0.0.1:PORT/house", "does not exist"),
    ("postgres://locked:geheim@127.0.0.1:PORT/house", "password"),
    ("postgres://fettle:geheim@127.0.0.1:PORT/foreign", "another program"),
    ("postgres://fettle:geheim@127.0.0.1:PORT/latin", "UTF8"),
    ("postgres://fettle:geheim@nowhere.invalid/house", "nowhere.invalid"),
    ("postgres://fettle:geheim@127.0.0.1:PORT/house?sslmode=require", "SSL"),
    ("mysql://fettle:geheim@127.0.0.1/house", "postgres://"),
    # What cannot be read is not quoted: a part of it may be the password.
    ("postgres://fettle:geheim@127.0.0.1:PORT/house?bogus=1", "cannot be read"),
    ("postgres://fettle:geheim@[::1:PORT/house", "cannot be read"),
    ("postgres://fettle:geheim%zz@127.0.0.1:PORT/house", "cannot be read"),
    ("postgres://fettle:geheim/1@127.0.0.1:PORT/house", "cannot be read"),
    ("Postgres://fettle:geheim@127.0.0.1:PORT/house", "postgres://"),
    ("postgres://fettle:geheim@127.0.0.1:PORT/house?options=-csearch_path%3Dnowhere", "create schema"),
])
def test_a_wrong_address(cluster, url, says):
    server = cluster.primary
    for command in (
            "create role locked login password 'other'", "create database foreign_ template template0",
            "create database latin encoding 'LATIN1' template template0"):
        if "foreign_" in command:
            command = "create database \"foreign\" encoding 'UTF8' template template0"
        try:
            server.sql(command)
        except AssertionError as e:
            assert "already exists" in str(e)
    server.sql("create table if not exists wp_posts (id int primary key)", "foreign")
    hba = server.data / "pg_hba.conf"
    if "locked" not in hba.read_text():
        hba.write_text("host all locked 127.0.0.1/32 scram-sha-256\n" + hba.read_text())
        server.sql("select pg_reload_conf()")
    for command in (["verify"], ["serve", "--port", "0"]):
        ran = cluster.run(*command, "--database-url", url.replace("PORT", str(server.port)), check=False)
        assert ran.returncode == (1 if says == "cannot be reached" else 2), ran.stderr
        assert says in ran.stderr, ran.stderr
        assert "geheim" not in ran.stderr + ran.stdout
        assert len(ran.stderr.strip().split("\n")) == 1, ran.stderr


@pytest.mark.parametrize("command", [
    ["verify", "--data", "postgres://u:geheim@h/d"], ["backup", "postgres://u:geheim@h/d/file"],
    ["migrate", "--from", "mysql://u:geheim@h/d", "--to", "elsewhere"],
])
def test_an_address_is_no_folder(cluster, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    if command[0] == "backup":
        command = command + ["--database-url", cluster.url_of_both]
    ran = cluster.run(*command, check=False)
    assert ran.returncode == 2, ran.stderr
    assert "geheim" not in ran.stderr + ran.stdout
    assert not os.listdir(tmp_path)


def test_a_server_without_a_port_listens_on_the_usual_one(cluster, monkeypatch):
    """`host:port,host` and `host,host`, as the manual writes them."""
    port = cluster.primary.port
    monkeypatch.setenv("PGPORT", str(port))
    for hosts in ("127.0.0.1,localhost", "127.0.0.1:1,127.0.0.1"):
        assert cluster.run("user", "list", "--database-url", f"postgres://fettle@{hosts}/house").stdout


def test_lines_that_the_server_ended_are_nobodys_trouble(cluster):
    node = cluster.nodes[0]
    for path in ["/api/v1/me", "/readyz", "/api/v1/tickets"] * 3:
        assert node.ask("GET", path, token=cluster.token)[0] == 200
    cluster.primary.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'fettle'")
    for _ in range(6):
        status, _, text = node.ask("GET", "/api/v1/me", token=cluster.token)
        assert status == 200, text


def test_only_one_moves_a_world_in(cluster, tmp_path):
    """The second one is told so, while the first has the lock on the place."""
    server = cluster.primary
    server.sql("create database \"taken\" encoding 'UTF8' template template0")
    holder = subprocess.Popen(
        ["psql", "-h", "127.0.0.1", "-p", str(server.port), "-U", "fettle", "-d", "taken", "-XAtq"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        holder.stdin.write("select pg_advisory_lock(7235452, hashtext(current_schema()));\nselect 'held';\n")
        holder.stdin.flush()
        while "held" not in holder.stdout.readline():
            pass
        to = cluster.url(server, database="taken")
        ran = cluster.run("migrate", "--from", cluster.url_of_both, "--to", to, check=False)
        assert ran.returncode == 2 and "right now" in ran.stderr, ran.stderr
    finally:
        holder.stdin.close()
        holder.wait()
        server.sql("drop database \"taken\"")


def test_whoever_may_only_use_the_tables_serves(cluster):
    """No right to make anything is needed where the schema is current; reading alone verifies."""
    server = cluster.primary
    for command in (
            "create role worker login", "create role reader login",
            "revoke create on schema public from public",
            "grant select, insert, update, delete on all tables in schema public to worker",
            "grant usage, select, update on all sequences in schema public to worker",
            "grant select on all tables in schema public to reader"):
        server.sql(command, "house")
    for who in ("worker", "reader"):
        url = cluster.url_of_both.replace("fettle@", who + "@")
        ran = cluster.run("verify", "--database-url", url, check=False)
        assert ran.returncode == 0, ran.stderr + ran.stdout
    node = cluster.node(cluster.url_of_both.replace("fettle@", "worker@"))
    try:
        body = {**cluster.place, "title": "Worker", "description": "Writes.", "category": "quality"}
        status, _, text = node.ask("POST", "/api/v1/tickets", body, cluster.token)
        assert status == 201 and json.loads(text)["number"], text
    finally:
        node.stop()
        cluster.nodes.remove(node)
