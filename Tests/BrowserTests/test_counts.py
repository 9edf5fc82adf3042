"""Counting on a phone: what is noted down without a connection stays on the device until it was sent."""

import itertools

from playwright.sync_api import expect

from world import speak

serial = itertools.count(1)


def begun(world, rows=3):
    """A blind check of a place of its own with some rows; its number and the names on the sheet."""
    n = next(serial)

    def made(path, **body):
        return world.api("keeper", "POST", path, body)

    place = made("/places", name=f"C-{n}", name_en=f"C-{n}", kind="store")["id"]
    parts = [made("/parts", number=f"CNT-{n}-{i}", name=f"清点 {n}-{i}", name_en=f"Count {n}-{i}")["id"]
             for i in range(rows)]
    made("/receipts", place_id=place, submit=True,
         lines=[{"part_id": p, "quantity": 5, "unit_cost_minor": 100} for p in parts])
    return made("/stock-checks", kind="blind", place_id=place)["number"]


def counted(world, check):
    lines = world.api("keeper", "GET", f"/stock-checks/{check}/lines")["items"]
    return [line["counted"] for line in lines]


def test_counts_wait_for_the_connection(world, opened):
    check = begun(world)
    page = opened("keeper", width=390, height=844)
    page.goto(f"/stock/checks/{check}/count")
    speak(page, "en")
    page.goto(f"/stock/checks/{check}/count")
    first = page.locator("[data-row] .strong").inner_text()
    page.context.set_offline(True)
    page.fill("[name='lines.0.quantity']", "5")
    page.press("[name='lines.0.quantity']", "Enter")
    expect(page.locator("[data-unsent]")).to_contain_text("One count is not yet sent")
    # The next row came along with the page.
    expect(page.locator("[data-row] .strong")).not_to_have_text(first)
    page.fill("[name='lines.0.quantity']", "4")
    page.click("text=Note down, next")
    expect(page.locator("[data-unsent]")).to_contain_text("2 counts are not yet sent")
    page.click("text=None there")
    expect(page.locator("[data-unsent]")).to_contain_text("For further rows a connection is needed")
    assert counted(world, check) == [None, None, None]
    page.context.set_offline(False)
    expect(page.locator("text=Everything is counted")).to_be_visible()
    expect(page.locator("[data-unsent]")).to_have_count(0)
    assert counted(world, check) == [5, 4, 0]
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('fettle:count:')).length") == 0


def test_counts_survive_the_page(world, opened):
    check = begun(world, rows=1)
    page = opened("keeper", width=390, height=844)
    page.goto(f"/stock/checks/{check}/count")
    page.context.set_offline(True)
    page.fill("[name='lines.0.quantity']", "3")
    page.press("[name='lines.0.quantity']", "Enter")
    expect(page.locator("[data-unsent]")).to_be_visible()
    page.goto("about:blank")
    page.context.set_offline(False)
    # Any page of stock checks sends what is left.
    page.goto("/stock/checks")
    expect(page.locator("[data-unsent]")).to_have_count(0)
    assert counted(world, check) == [3]


def test_what_is_refused_is_said(world, opened):
    check = begun(world, rows=1)
    page = opened("keeper", width=390, height=844)
    page.goto(f"/stock/checks/{check}/count")
    page.context.set_offline(True)
    page.fill("[name='lines.0.quantity']", "3")
    page.press("[name='lines.0.quantity']", "Enter")
    expect(page.locator("[data-unsent]")).to_be_visible()
    world.api("keeper", "POST", f"/stock-checks/{check}/cancellation", {"reason": "Rain"})
    page.context.set_offline(False)
    expect(page.locator("[data-refused]")).to_contain_text("3")
    expect(page.locator("[data-unsent]")).to_have_count(0)


def test_counting_works_without_scripts(world, opened):
    check = begun(world, rows=1)
    page = opened("keeper", width=390, height=844, java_script_enabled=False)
    page.goto(f"/stock/checks/{check}/count")
    page.fill("[name='lines.0.quantity']", "5")
    page.press("[name='lines.0.quantity']", "Enter")
    assert counted(world, check) == [5]
    page.locator("#find summary").click()
    page.fill("[name='found.0.part_id']", "FAN-92-24")
    page.click("#find button[type=submit]")
    assert counted(world, check) == [5, 1]
