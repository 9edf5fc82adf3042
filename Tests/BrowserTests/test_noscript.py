"""Without JavaScript: a ticket of each category from application to archive, by forms and links alone,
one person per role. Fields of forms bear the names of the API's bodies."""

import pytest

from world import PASSWORD


class Person:
    """Somebody at a browser that runs no scripts."""

    def __init__(self, opened, login):
        self.login = login
        self.page = opened(login, java_script_enabled=False)

    def fill(self, form, fields):
        for name, value in fields.items():
            field = form.locator(f"[name='{name}']")
            assert field.count() > 0, f"{self.login}: no field {name} at {self.page.url}"
            kind = field.first.evaluate("n => n.tagName === 'INPUT' ? n.type : n.tagName")
            if kind == "radio":
                form.locator(f"[name='{name}'][value='{value}']").check(force=True)
            elif kind == "checkbox":
                field.first.set_checked(bool(value), force=True)
            elif kind == "SELECT":
                field.first.select_option(value) if value is not None else field.first.select_option(index=1)
            else:
                field.first.fill(str(value))

    def send(self, form, fields, button="button:not([type=button])"):
        self.fill(form, fields)
        form.locator(button).locator("visible=true").first.click()
        summary = self.page.locator(".error-summary")
        refused = summary.first.inner_text() if summary.count() else ""
        assert not refused, f"{self.login} at {self.page.url}: {refused}"
        assert self.page.locator("main .empty h1").count() == 0, (
            f"{self.login} at {self.page.url}: {self.page.inner_text('main')[:400]}")

    def step(self, ticket, name, fields=None, button="button:not([type=button])"):
        """Takes a step on the ticket's page: its form is there, or behind one link."""
        here = f"/tickets/{ticket}?do={name}"
        self.page.goto(here)
        # Signed steps ask for the password first.
        confirm = self.page.locator("main form[action='/me/confirmation']")
        if confirm.count():
            self.send(confirm.first, {"password": PASSWORD})
            self.page.goto(here)
        form = self.page.locator(f"main form[action$='/{name}']")
        assert form.count() > 0, f"{self.login} finds no form for {name} at {self.page.url}"
        self.send(form.first, fields or {}, button)


@pytest.fixture
def people(opened):
    cache = {}
    return lambda login: cache.setdefault(login, Person(opened, login))


def apply(people, world, category, title, **more):
    """The customer's application; its number."""
    customer = people("customer")
    me = world.api("customer", "GET", "/me")
    project = me["projects"][0]
    page = customer.page
    page.goto("/tickets/new")
    form = page.locator("main form[action='/tickets']")
    fields = {
        "title": title, "category": category,
        "description": "The axis stopped at 214 degrees with alarm AZ-217. We restarted twice.",
        "site_id": project["sites"][0]["id"], **more,
    }
    customer.send(form, fields, "button.btn-primary")
    assert "/tickets/" in page.url, page.url
    ticket = page.url.split("?")[0].rsplit("/", 1)[1]
    return state(world, ticket, "submitted")["number"]


def state(world, ticket, expected):
    detail = world.api("auditor", "GET", f"/tickets/{ticket}")
    assert detail["state"] == expected, f"{detail['state']}, not {expected}; allowed {detail['allowed']}"
    return detail


def dispatch(people, world, ticket, category):
    manager = people("service_manager")
    manager.step(ticket, "approval", {"category": category, "axes.cell": "impact=large;commonness=common"})
    state(world, ticket, "opened")
    engineer = world.api("engineer", "GET", "/me")
    manager.step(ticket, "assignment", {"engineer_id": engineer["id"]})
    state(world, ticket, "dispatched")
    people("engineer").step(ticket, "acceptance")
    state(world, ticket, "in_progress")
    people("engineer").step(ticket, "responses", {"body": "I have taken over your case."})


def finish(people, world, ticket):
    """From the completion report to the archive."""
    engineer = people("engineer")
    for task in world.api("engineer", "GET", f"/tasks?ticket={ticket}")["items"]:
        world.api("engineer", "PATCH", f"/tasks/{task['id']}", {"done": True, "result": "Done."})
    engineer.step(ticket, "completion", {"report": "Drive replaced, tracking verified.", "nature": "technical"})
    state(world, ticket, "awaiting_evaluation")
    people("customer").step(ticket, "evaluation", {"response": 5, "attitude": 5, "skill": 4, "result": 5})
    people("site_lead").step(ticket, "attestation", {"response_met": "true", "solution_met": "true"})
    state(world, ticket, "awaiting_closure")
    people("service_manager").step(ticket, "closure", {"outcome": "approved"})
    state(world, ticket, "completed")
    people("quality").step(ticket, "archive", {"summary": "Drive replaced; cause is the bus capacitors."})
    state(world, ticket, "archived")


def test_quality(people, world):
    ticket = apply(people, world, "quality", "Azimuth over-current alarm without scripts")
    dispatch(people, world, ticket, "quality")
    engineer = people("engineer")
    engineer.step(ticket, "pause", {"question": "Please send the drive log of the last pass."})
    state(world, ticket, "waiting_on_customer")
    people("customer").step(ticket, "responses", {"body": "The log says under-voltage at 15:52."})
    state(world, ticket, "in_progress")
    people("technical_lead").step(ticket, "cause", {"statement": "Early ageing of the bus capacitors."})
    engineer.step(ticket, "solution", {"statement": "Replace the azimuth drive, then verify."})
    state(world, ticket, "awaiting_decision")
    people("management").step(ticket, "decision", {"outcome": "approved", "statement": "Go ahead."})
    state(world, ticket, "implementing")
    finish(people, world, ticket)


def test_request(people, world):
    ticket = apply(people, world, "request", "Operation support for the spring campaign")
    dispatch(people, world, ticket, "request")
    people("engineer").step(ticket, "solution", {"statement": "Two people on site from 1 April."})
    state(world, ticket, "implementing")
    finish(people, world, ticket)


def test_project(people, world):
    ticket = apply(people, world, "project", "Relocation of the antenna")
    dispatch(people, world, ticket, "project")
    people("engineer").step(ticket, "solution", {
        "statement": "Plan in three stages.", "plan.milestones.0.title": "North pad surveyed",
        "plan.milestones.0.due_at": "2027-03-01T12:00"})
    state(world, ticket, "awaiting_decision")
    people("management").step(ticket, "decision", {"outcome": "approved", "statement": "Baseline set."})
    state(world, ticket, "implementing")
    finish(people, world, ticket)


def test_rejected_and_cancelled(people, world):
    ticket = apply(people, world, "quality", "Somebody else's antenna")
    people("service_manager").step(ticket, "rejection", {"reason": "This is not our equipment."})
    state(world, ticket, "rejected")
    people("customer").step(ticket, "objection", {"reason": "It bears your plate."})
    state(world, ticket, "submitted")
    people("customer").step(ticket, "cancellation", {"reason": "It works again."})
    state(world, ticket, "cancelled")


def test_language_theme_and_leaving(opened):
    """The small forms of the top bar, without scripts."""
    page = opened("keeper", java_script_enabled=False)
    page.goto("/")
    page.locator(".langs button[value='en']").click()
    assert page.get_attribute("html", "lang") == "en"
    page.locator("details.menu summary").last.click()
    page.locator("form[action='/me/theme'] button").click()
    assert page.get_attribute("html", "data-theme") in ("dark", "light")
