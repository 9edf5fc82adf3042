"""What is wrong with a server is said in one line, with what to do, and never with its password."""
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
    ("postgres://fettle:geheim@127.0.0.1:PORT/house?bogus=1", "bogus"),
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
