"""A whole world goes from a file to a server and back, interrupted and taken up again, and nothing of it
changes: compared here with SQLite's own eyes, not the program's."""
import sqlite3
import subprocess

from cluster import PROGRAM, until

# What belongs to the database itself, not to the world in it; and what the engine's index is made of.
OWN = {"schema_migration"}


def content(path):
    """Every table's rows, in the order of all columns."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    names = [n for n, kind in db.execute("select name, type from pragma_table_list where schema = 'main'")
             if kind == "table" and not n.startswith("sqlite_") and n not in OWN]
    out = {n: sorted(db.execute(f"select * from {n}").fetchall(), key=repr) for n in names}
    out["search_index"] = sorted(db.execute("select rowid, tokens from search_index").fetchall())
    db.close()
    return out


def test_there_and_back(cluster):
    house, server = cluster, cluster.primary
    start, back = house.folder / "start", house.folder / "back"
    house.run("demo", "--data", start, "--tickets", "80", "--seed", "7", "--password", "kestrel-harbour-42")
    server.sql("create database moved encoding 'UTF8' template template0")
    url = house.url(*house.servers[:2], database="moved")

    # Interrupted: nobody serves from half a world, and the same command goes on.
    half = subprocess.Popen(
        [PROGRAM, "migrate", "--from", str(start), "--to", url], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until(lambda: server.sql("select count(*) from information_schema.tables where table_name = 'history'",
                             "moved") == "1" and int(server.sql("select count(*) from history", "moved")) > 0,
          60, "the first rows")
    half.kill()
    half.wait()
    if server.sql("select count(*) from schema_migration where id = 'moving'", "moved") == "1":
        refused = house.run("serve", "--database-url", url, "--port", "0", check=False)
        assert refused.returncode == 1 and "being moved" in refused.stderr
    moved = house.run("migrate", "--from", start, "--to", url, check=False)
    if moved.returncode != 0:
        assert "data already" in moved.stderr, moved.stderr      # it was killed after its last step
    assert house.run("verify", "--database-url", url).returncode == 0

    # Not into a place where somebody lives.
    twice = house.run("migrate", "--from", start, "--to", url, check=False)
    assert twice.returncode == 2 and "already" in twice.stderr

    house.run("migrate", "--from", url, "--to", back)
    assert house.run("verify", "--data", back).returncode == 0
    before, after = content(start / "fettle.sqlite"), content(back / "fettle.sqlite")
    assert before.keys() == after.keys()
    for name in before:
        assert before[name] == after[name], name


def test_a_backup_of_a_server_is_restored_into_both(cluster):
    house, server = cluster, cluster.primary
    url = house.url_of_both
    file = house.folder / "house.backup"
    house.run("backup", "--database-url", url, file)
    counts = {n: int(server.sql(f"select count(*) from {n}", "house")) for n in ("ticket", "history", "chain")}
    heads = server.sql("select subject_id, encode(head, 'hex') from chain order by 1", "house").split("\n")

    folder = house.folder / "restored"
    house.run("restore", "--data", folder, file)
    assert house.run("verify", "--data", folder).returncode == 0
    db = sqlite3.connect(folder / "fettle.sqlite")
    for name, count in counts.items():
        # The restoring itself is one fact more.
        assert db.execute(f"select count(*) from {name}").fetchone()[0] in (count, count + 1), name
    there = {f"{i}|{h}" for i, h in db.execute("select subject_id, lower(hex(head)) from chain")}
    assert set(heads) <= there
    assert db.execute("select count(*) from session").fetchone()[0] == 0
    assert db.execute("select count(*) from api_token where revoked_at is null").fetchone()[0] == 0

    server.sql("create database again encoding 'UTF8' template template0")
    other = house.url(*house.servers[:2], database="again")
    house.run("restore", "--database-url", other, file)
    assert house.run("verify", "--database-url", other).returncode == 0
    assert server.sql("select count(*) from session", "again") == "0"
    assert set(heads) <= set(
        server.sql("select subject_id, encode(head, 'hex') from chain order by 1", "again").split("\n"))
