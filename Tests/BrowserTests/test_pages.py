"""Every page that a role can reach, looked at by a machine: answers, no error in the console, nothing
against the content security policy, nothing wider than a phone, accessible, in one language."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from world import LANGUAGES, ROLES, ROOT, speak

# Pages beside those that a role's own navigation names. `{ticket}`: tickets that the role can see, one of
# each state.
PAGES = {role: ["/", "/me", "/menu", "/notices", "/search?q=天线", "/nowhere"] for role in ROLES}
for role in ("customer", "engineer", "service_manager", "technical_lead", "management", "site_lead", "quality",
             "auditor"):
    PAGES[role] += ["/tickets", "{ticket}"]
for role in ("customer", "engineer", "service_manager", "site_lead"):
    PAGES[role] += ["/tickets/new"]

# Who reads stock; its pages are looked at as the keeper, who sees most, and as one who sees no values.
for role in ("keeper", "engineer"):
    PAGES[role] += ["{stock}"]

for role in ("customer", "service_manager", "technical_lead", "site_lead", "administrator"):
    PAGES[role] += ["{unit}", "{contract}"]
for role in ("service_manager", "administrator"):
    PAGES[role] += ["/products/new", "/product-units/new", "/contracts/new", "/product-units/import"]

DOOR = ["/sign-in", "/sign-in/engineer", "/sign-in/administrator"]

AXE = {"runOnly": {"type": "tag", "values": [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}

# Every key of every sentence: one that stands on a page was not translated.
KEYS = {
    line.split("=", 1)[0].strip()
    for file in (ROOT / "Sources/Assets/strings").glob("*.en.txt")
    for line in file.read_text().splitlines()
    if "=" in line and not line.startswith("#")
}
KEY_LIKE = re.compile(r"[a-z_]+(?:\.[a-z_0-9]+)+")

# What the product itself says on a page, not what people wrote.
OWN_WORDS = ".nav, thead th, legend, .views, main button, .phase"
HAN = re.compile(r"[\u4e00-\u9fff]")
# Characters that only simplified writing has.
SIMPLIFIED = re.compile("[单态务设备软质图们这时间问题处给请过还没写员选择优级类别认证标识页]")


def own_words(page):
    """The product's own words, without those marked as another language and without people's names."""
    return page.evaluate(
        """(selector) => [...document.querySelectorAll(selector)].flatMap(node => {
            const copy = node.cloneNode(true);
            copy.querySelectorAll('[lang], .nav-foot, b, strong, time, .sn, .num').forEach(n => n.remove());
            const text = copy.textContent.trim();
            return text && !node.closest('[lang]:not(html)') ? [text] : [];
        })""", OWN_WORDS)


def tickets(world, role, most):
    """Numbers of tickets that a role sees, of as many states as there are."""
    by_state, cursor = {}, None
    for _ in range(5):
        page = world.api(role, "GET", "/tickets?limit=200" + (f"&cursor={cursor}" if cursor else ""))
        for item in page["items"]:
            by_state.setdefault(item["state"], item["number"] or item["id"])
        cursor = page["next_cursor"]
        if not cursor:
            break
    return list(by_state.values())[:most]


def paths(world, page, role, most=4):
    """What a role's navigation names and what it reaches from there, with at most so many tickets."""
    page.goto("/")
    found = page.eval_on_selector_all(".nav a[href]", "all => all.map(a => a.getAttribute('href'))")
    for path in PAGES[role]:
        if path in ("{unit}", "{contract}"):
            place = {"{unit}": "/product-units", "{contract}": "/contracts"}[path]
            found += [f"{place}/{i['id']}" for i in world.api(role, "GET", place + "?limit=2")["items"]]
        elif path == "{ticket}":
            numbers = tickets(world, role, most)
            found += [f"/tickets/{n}" for n in numbers] + [f"/tickets/{n}/form" for n in numbers[-3:]]
        elif path == "{stock}":
            pages, papers, forms = world.stocked
            found += pages + (papers + forms if role == "keeper" else [])
        else:
            found.append(path)
    return list(dict.fromkeys(found))


class Watch:
    """Collects what goes wrong on pages while they are looked at."""

    def __init__(self, page):
        self.page, self.faults, self.path = page, [], ""
        page.on("console", lambda m: m.type in ("error", "warning") and self.add(f"console: {m.text}"))
        page.on("pageerror", lambda e: self.add(f"script: {e}"))

    def add(self, fault):
        # The page that tells of a missing page is itself answered with 404, which the console repeats.
        if not (self.path == "/nowhere" and "404" in fault):
            self.faults.append(f"{self.path}: {fault}")

    def visit(self, path):
        self.path = path
        answer = self.page.goto(path)
        expected = 404 if path == "/nowhere" else 200
        if answer.status != expected:
            self.add(f"answered {answer.status}, not {expected}")

    def language(self, language):
        if self.page.get_attribute("html", "lang") != language:
            self.add(f"lang is {self.page.get_attribute('html', 'lang')}, not {language}")
        text = self.page.inner_text("body")
        if shown := [w for w in KEY_LIKE.findall(text) if w in KEYS]:
            self.add(f"untranslated in {language}: {sorted(set(shown))}")
        for words in own_words(self.page):
            if language == "en" and HAN.search(words):
                self.add(f"Chinese on an English page: {words[:60]!r}")
            if language == "zh-Hant" and SIMPLIFIED.search(words):
                self.add(f"simplified on a traditional page: {words[:60]!r}")

    def axe(self):
        for v in Axe().run(self.page, options=AXE).response["violations"]:
            places = "; ".join(n["html"][:160] for n in v["nodes"][:3])
            self.add(f"axe {v['id']}: {v['help']} ({len(v['nodes'])}×) {places}")

    def narrow(self):
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            self.add(f"{wide} px wider than the screen")

    def small_targets(self):
        """WCAG 2.5.8 beyond axe: buttons and links of the product are at least 24 px high."""
        small = self.page.eval_on_selector_all(
            "button, summary, .btn, .nav a, .chip",
            """all => all.filter(n => n.offsetParent && n.getBoundingClientRect().height < 23.5)
                         .map(n => n.outerHTML.slice(0, 100))""")
        if small:
            self.add(f"targets under 24 px: {small[:3]}")

    def done(self):
        assert not self.faults, "\n" + "\n".join(self.faults)


@pytest.mark.parametrize("role", ROLES)
def test_desk(world, opened, role):
    """At a desk, in simplified Chinese, light."""
    page = opened(role, color_scheme="light")
    watch = Watch(page)
    page.goto("/")
    speak(page, "zh-Hans")
    for path in paths(world, page, role, most=16):
        watch.visit(path)
        watch.language("zh-Hans")
        watch.small_targets()
        watch.axe()
    watch.done()


@pytest.mark.parametrize("role", ROLES)
def test_phone(world, opened, role):
    """On a phone, in English, dark."""
    page = opened(role, width=390, height=844, color_scheme="dark", has_touch=True)
    watch = Watch(page)
    page.goto("/")
    speak(page, "en")
    for path in paths(world, page, role):
        watch.visit(path)
        watch.language("en")
        watch.narrow()
        watch.axe()
    watch.done()


@pytest.mark.parametrize("role", ROLES)
def test_traditional(world, opened, role):
    page = opened(role, width=1000)
    watch = Watch(page)
    page.goto("/")
    speak(page, "zh-Hant")
    for path in paths(world, page, role):
        watch.visit(path)
        watch.language("zh-Hant")
        watch.narrow()
    watch.done()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [390, 1440])
def test_door(world, opened, language, width):
    page = opened(width=width, locale=language)
    watch = Watch(page)
    for path in DOOR:
        watch.visit(path)
        speak(page, language)
        watch.language(language)
        watch.narrow()
        watch.axe()
    watch.done()


def test_language_stays(opened):
    """One click switches, comes back to the same page and holds on the next."""
    page = opened("auditor")
    page.goto("/me")
    for language in LANGUAGES:
        speak(page, language)
        assert page.url.endswith("/me")
        page.goto("/notices")
        assert page.get_attribute("html", "lang") == language
        page.goto("/me")
