"""A demo world of its own on a free port, and what it takes to look at it: sign-ins, tokens, a browser."""

import datetime
import json
import os
import re
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FETTLE = Path(os.environ.get("FETTLE_BIN", ROOT / ".build/debug/fettle"))
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PASSWORD = "kestrel-harbour-42"

# One sign-in of the demo world for each role, named after it.
ROLES = [
    "customer", "engineer", "service_manager", "technical_lead", "management", "site_lead", "keeper",
    "quality", "trainer", "finance", "administrator", "auditor", "supplier",
]
STAFF = [r for r in ROLES if r not in ("customer", "supplier")]
LANGUAGES = ["zh-Hans", "zh-Hant", "en"]


class Refused(Exception):
    """The API's answer where it is no success."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem}")
        self.status, self.problem = status, problem


class World:
    """A running `fettle serve` over a fresh demo world."""

    def __init__(self, tickets=160, seed=7):
        self.folder = tempfile.TemporaryDirectory(prefix="fettle-")
        self.data = Path(self.folder.name) / "data"
        self.tokens = {}
        self.log = []
        self.run("demo", "--tickets", str(tickets), "--seed", str(seed), "--password", PASSWORD)
        self.process = subprocess.Popen(
            [FETTLE, "serve", "--port", "0", "--data", self.data],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.environment())
        self.base = self._listening()
        # From here on somebody must read, or the server would stand still at a full pipe.
        threading.Thread(target=lambda: self.log.extend(self.process.stdout), daemon=True).start()

    @staticmethod
    def environment():
        return {k: v for k, v in os.environ.items() if not k.startswith("FETTLE_")} | {
            "SWIFT_BACKTRACE": "enable=no"}

    def _listening(self):
        said = []
        for line in self.process.stdout:
            said.append(line)
            if found := re.search(r"listening on (http://\S+)", line):
                return found.group(1).rstrip("/")
        raise AssertionError("the server ended without listening:\n" + "".join(said[-40:]))

    def run(self, *arguments):
        """A command of the product on this world's data; its standard output."""
        done = subprocess.run(
            [FETTLE, *arguments, "--data", self.data], capture_output=True, text=True, env=self.environment())
        assert done.returncode == 0, f"fettle {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def token(self, login):
        if login not in self.tokens:
            self.tokens[login] = self.run("token", "create", "--user", login).strip()
        return self.tokens[login]

    def api(self, login, method, path, body=None, language="en"):
        """One call of the API as somebody; JSON in, JSON out."""
        headers = {"Authorization": f"Bearer {self.token(login)}", "Accept-Language": language}
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(f"{self.base}/api/v1{path}", data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read().decode(errors="replace")) from None

    def stock(self):
        """Parts, places and a document of several kinds, made as a keeper does; the paths of their pages."""
        def made(path, **body):
            return self.api("keeper", "POST", path, body)

        store = made("/places", name="南京备件库", name_en="Nanjing store", kind="store")["id"]
        depot = made("/places", name="成都外库", name_en="Chengdu depot", kind="depot")["id"]
        fan = made("/parts", number="FAN-92-24", name="散热风扇", name_en="Drive fan",
                   minimums=[{"place_id": store, "minimum": 90, "target": 120}])["id"]
        oil = made("/parts", number="GRS-41", name="润滑脂", name_en="Grease", unit="kg", tracking="batch")["id"]
        lines = [{"part_id": fan, "quantity": 30, "unit_cost_minor": 11850},
                 {"part_id": oil, "quantity": 4, "batch": "G2503", "expires_on": "2031-05-01"}]
        made("/receipts", place_id=store, lines=lines, submit=True)
        some = [{"part_id": fan, "quantity": 2}]
        transfer = made("/transfers", place_id=store, to_place_id=depot, lines=some, reason="补足外库",
                        submit=True)["number"]
        shipment = made("/shipments", place_id=store, lines=some)["number"]
        returned = made("/returns", place_id=store, lines=some)["number"]
        check = made("/stock-checks", kind="blind", place_id=store)["number"]
        kept = made("/reservations", place_id=store, part_id=fan, quantity=1)["number"]
        return [
            f"/stock/reservations/{kept}", self.month(),
            "/stock?view=below", "/stock?view=transit", f"/stock/parts/{oil}", f"/stock/places/{store}",
            f"/stock/documents/{transfer}", f"/stock/documents/{shipment}", f"/stock/checks/{check}",
        ], [f"/stock/documents/{n}/paper" for n in (transfer, shipment, returned)] + [
            f"/stock/checks/{check}/paper", f"/stock/parts/{fan}/label", f"/stock/places/{store}/label",
        ], [f"/stock/checks/{check}/count", f"/stock/documents/{shipment}/edit", "/stock/parts/new",
            "/stock/places/new", "/stock/checks/new", "/stock/reservations/new",
            *(f"/stock/documents/new?kind={kind}&part={fan}" for kind in ("receipt", "return", "status_change"))]

    @staticmethod
    def month():
        """The page of the month it is."""
        return f"/stock/periods/{datetime.date.today():%Y-%m}"

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.folder.cleanup()


def launch(playwright):
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)


def sign_in(page, base, login, password=PASSWORD, entrance="/sign-in"):
    """Through the form, as a person does."""
    page.goto(base + entrance)
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.click("main form button[type=submit]")
    assert "/sign-in" not in page.url, f"{login} could not sign in: {page.inner_text('main')[:300]}"


def speak(page, language):
    """Switches the page's language by its buttons, where it speaks another."""
    if page.get_attribute("html", "lang") != language:
        # The click itself waits for the new page to begin, not for its scripts.
        with page.expect_navigation():
            page.click(f".langs button[value='{language}']")
    assert page.get_attribute("html", "lang") == language
