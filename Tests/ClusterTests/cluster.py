"""A primary and its synchronous standby, three nodes of Fettle in front of them, and people at work:
for the tests of several nodes and of a server that dies."""
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("FETTLE_BIN", str(ROOT / ".build/debug/fettle"))
TOOLS = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))[-1]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(condition, seconds, what):
    """Waits for a condition, and says what never came."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s")


class Server:
    """One PostgreSQL in a folder of its own, durable, on the loopback, as a user without rights."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.port = free_port()
        self.folder.mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")

    def tool(self, name, *arguments, check=True):
        command = [str(TOOLS / name), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", *command]
        ran = subprocess.run(command, cwd="/", capture_output=True, text=True)
        if check and ran.returncode != 0:
            raise AssertionError(f"{name}: {ran.stdout}{ran.stderr}{self.log()}")
        return ran

    def log(self):
        path = self.folder / "server.log"
        return path.read_text()[-2000:] if path.exists() else ""

    def configure(self):
        with open(self.data / "postgresql.auto.conf", "a") as f:
            f.write(f"""
port = {self.port}
listen_addresses = '127.0.0.1'
unix_socket_directories = '{self.folder}'
max_connections = 100
max_pred_locks_per_transaction = 256
wal_level = replica
wal_log_hints = on
hot_standby = on
synchronous_commit = on
shared_buffers = 128MB
""")

    def make(self):
        self.tool("initdb", "-D", self.data, "-U", "fettle", "--auth=trust", "-E", "UTF8", "--locale=C")
        self.configure()

    def copy_of(self, other):
        """Becomes a standby of the other, whatever it was before."""
        if self.data.exists():
            shutil.rmtree(self.data)
        self.tool(
            "pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast",
            "-d", f"host=127.0.0.1 port={other.port} user=fettle application_name=standby")
        self.configure()

    def start(self):
        self.tool("pg_ctl", "-D", self.data, "-s", "-w", "-t", "60", "-l", self.folder / "server.log", "start")

    def pid(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def kill(self):
        """No farewell: every process of the server at once."""
        pid = self.pid()
        mine = [pid] + [int(p) for p in subprocess.run(
            ["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()]
        for p in mine:
            try:
                os.kill(p, signal.SIGKILL)
            except ProcessLookupError:
                pass
        until(lambda: not any(pathlib.Path(f"/proc/{p}/exe").exists() for p in mine), 20, "the server's end")
        # Whoever is dead holds nothing, though the system may still keep its number for a while.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.folder.glob(".s.PGSQL.*"):
            left.unlink()

    def stop(self):
        if (self.data / "postmaster.pid").exists():
            self.tool("pg_ctl", "-D", self.data, "-s", "-m", "immediate", "stop", check=False)

    def promote(self):
        self.tool("pg_ctl", "-D", self.data, "-s", "-w", "promote")

    def sql(self, text, database="postgres"):
        return self.tool(
            "psql", "-h", "127.0.0.1", "-p", self.port, "-U", "fettle", "-d", database, "-XAtq", "-c", text
        ).stdout.strip()

    def wait_for_standby(self):
        until(lambda: "sync" in self.sql("select sync_state from pg_stat_replication"), 60, "the standby")

    def waits_for(self, standbys):
        self.sql(f"alter system set synchronous_standby_names = '{standbys}'")
        self.sql("select pg_reload_conf()")


class Node:
    """One `fettle serve`."""

    def __init__(self, url, log):
        self.log = open(log, "ab")
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--database-url", url, "--port", "0"], stdout=subprocess.PIPE, stderr=self.log)
        said = self.process.stdout.readline().decode()
        found = re.search(r":(\d+)$", said.strip())
        assert found, f"a node did not start: {said} {pathlib.Path(log).read_text()[-1500:]}"
        self.port = int(found.group(1))

    def ask(self, method, path, body=None, token=None, key=None, timeout=60):
        """Status, headers and body; None where the connection was closed."""
        headers = {"Accept-Language": "en"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if key:
            headers["Idempotency-Key"] = key
        data = None
        if body is not None:
            data = json.dumps(body)
            headers["Content-Type"] = "application/json"
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            line.request(method, path, body=data, headers=headers)
            answer = line.getresponse()
            return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read()
        except (ConnectionError, http.client.HTTPException, TimeoutError):
            return None
        finally:
            line.close()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


class House:
    """A folder with everything in it, and the program's commands on one address."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fettle-cluster-"))
        self.folder.chmod(0o755)
        self.nodes = []
        self.servers = []

    def server(self, name):
        made = Server(self.folder / name)
        self.servers.append(made)
        return made

    def url(self, *servers, database="house"):
        hosts = ",".join(f"127.0.0.1:{s.port}" for s in servers)
        return f"postgres://fettle@{hosts}/{database}"

    @property
    def primary(self):
        return next(s for s in self.servers if s.sql("select pg_is_in_recovery()") == "f")

    def run(self, *arguments, check=True):
        ran = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
        if check and ran.returncode != 0:
            raise AssertionError(f"fettle {arguments[0]}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}")
        return ran

    def node(self, url):
        made = Node(url, self.folder / f"node{len(self.nodes)}.log")
        self.nodes.append(made)
        return made

    def close(self):
        for node in self.nodes:
            node.stop()
        for server in self.servers:
            server.stop()
        if not os.environ.get("FETTLE_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)


class People:
    """Writers that create tickets and answer them, each step with a key, again and again until it is
    acknowledged; what they were told is kept."""

    def __init__(self, nodes, token, place, seed, writers=6):
        self.nodes = nodes
        self.token = token
        self.place = place      # where the tickets come from: fields of each
        self.created = []       # numbers that were acknowledged
        self.answered = []      # (number, text) that were acknowledged
        self.refused = []       # answers that nobody should get
        self.last = time.monotonic()
        self.gaps = []          # (when, seconds since the acknowledgement before)
        self.lock = threading.Lock()
        self.ends = threading.Event()
        self.threads = [
            threading.Thread(target=self.work, args=(random.Random(seed * 100 + i),), daemon=True)
            for i in range(writers)]
        for t in self.threads:
            t.start()

    def until_done(self, random, method, path, body, token):
        """One step: the same key until an answer says that it is kept."""
        key = str(uuid.UUID(int=random.getrandbits(128)))
        while not self.ends.is_set():
            answer = random.choice(self.nodes).ask(method, path, body, token, key)
            if answer is None:
                time.sleep(0.05)
                continue
            status, headers, text = answer
            if status == 201:
                with self.lock:
                    now = time.monotonic()
                    self.gaps.append((now, now - self.last))
                    self.last = now
                return json.loads(text)
            if status == 503 and "retry-after" in headers:
                time.sleep(0.1)
                continue
            with self.lock:
                self.refused.append((status, text[:300]))
            return None
        return None

    def work(self, random):
        while not self.ends.is_set():
            n = random.getrandbits(40)
            made = self.until_done(random, "POST", "/api/v1/tickets", {
                **self.place, "title": f"方位轴过流告警 AZ-217 {n:x}", "category": "quality",
                "description": "The azimuth axis stops at 214° and the controller reports over-current.",
            }, self.token)
            if not made:
                time.sleep(0.05)
                continue
            with self.lock:
                self.created.append(made["number"])
            text = f"Restarted twice, {n:x}"
            if self.until_done(
                    random, "POST", f"/api/v1/tickets/{made['number']}/notes", {"body": text}, self.token):
                with self.lock:
                    self.answered.append((made["number"], text))

    def longest_since(self, start):
        with self.lock:
            return max((gap for when, gap in self.gaps if when >= start), default=0)

    def stop(self):
        self.ends.set()
        for t in self.threads:
            t.join(70)
