"""Intake: the serial number answers in place."""

from playwright.sync_api import expect

from world import speak


def covered(world):
    """A unit that the customer has, with a serial number of its own."""
    units = world.api("customer", "GET", "/product-units?limit=200")["items"]
    return next(u for u in units if u["warranty"]["in_warranty"] and u["site_id"])


def wide(text):
    """As an input method for Chinese writes it: full-width letters and digits."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def test_a_scanned_serial_answers_in_place(world, opened):
    unit = covered(world)
    page = opened("customer")
    page.goto("/tickets/new")
    speak(page, "en")
    page.goto("/tickets/new")
    page.fill("#f-title", "It stopped")
    page.fill("#f-serial", wide(unit["serial"]).lower())
    page.press("#f-serial", "Enter")
    answer = page.locator("#serial-answer")
    expect(answer).to_contain_text(unit["serial"])
    expect(answer).to_contain_text(unit["warranty"]["until"])
    # What was written stays, what is known fills what was empty.
    expect(page.locator("#f-title")).to_have_value("It stopped")
    expect(page.locator("#f-model")).to_have_value(unit["model"])
    expect(page.locator("#f-site_id")).to_have_value(unit["site_id"])
    page.fill("#f-serial", "NOBODY-KNOWS-1")
    page.press("#f-serial", "Enter")
    expect(answer).to_contain_text("Nothing is known yet")


def test_it_answers_without_scripts(world, opened):
    unit = covered(world)
    page = opened("customer", java_script_enabled=False)
    page.goto("/tickets/new")
    page.fill("#f-serial", unit["serial"])
    page.click("button[formaction='/tickets/find']")
    expect(page.locator("#serial-answer")).to_contain_text(unit["serial"])


def test_the_ticket_leads_to_its_unit(world, opened):
    unit = covered(world)
    ticket = world.api(
        "customer", "POST", "/tickets",
        {"title": "Noise", "description": "A noise.", "category": "quality", "product_unit_id": unit["id"]})
    page = opened("service_manager")
    page.goto(f"/tickets/{ticket['number']}")
    page.click(f"a[href='/product-units/{unit['id']}']")
    expect(page.locator("#tickets")).to_contain_text("Noise")
