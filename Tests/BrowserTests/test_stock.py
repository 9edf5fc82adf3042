"""Stock by keyboard and scanner: scan, quantity, Enter; and a part found while one types its name."""

import itertools

import pytest
from playwright.sync_api import expect

from world import PASSWORD, speak

serial = itertools.count(1)


@pytest.fixture
def shelf(world):
    """A store of its own with thirty of one part and one piece with a serial number; place, numbers."""
    n = next(serial)

    def made(path, **body):
        return world.api("keeper", "POST", path, body)

    place = made("/places", name=f"扫码库 {n}", name_en=f"Scan store {n}", kind="store")["id"]
    fan = made("/parts", number=f"SCN-{n}", name=f"扫码风扇 {n}", name_en=f"Scanned fan {n}")["id"]
    amplifier = made("/parts", number=f"SCL-{n}", name=f"扫码功放 {n}", tracking="serial")["id"]
    made("/receipts", place_id=place, submit=True, lines=[
        {"part_id": fan, "quantity": 30, "unit_cost_minor": 100},
        {"part_id": amplifier, "quantity": 1, "serial": f"SN-SCAN-{n}", "unit_cost_minor": 100}])
    return place, f"SCN-{n}", f"SN-SCAN-{n}"


def test_scan_quantity_enter(world, opened, shelf):
    """As the guide says it: no Tab, no mouse, until it is posted."""
    place, part, number = shelf
    ticket = next(t for t in world.api("service_manager", "GET", "/tickets?open=1&limit=200")["items"]
                  if t["state"] == "in_progress")
    page = opened("keeper")
    page.goto("/stock")
    page.select_option("#scan [name=place_id]", place)
    page.fill("#scan [name=ticket_id]", ticket["number"])
    page.focus("[data-scan]")

    def scan(text):
        page.keyboard.type(text)
        page.keyboard.press("Enter")

    scan(part)
    expect(page.locator("[name='lines.0.quantity']")).to_be_focused()
    scan("5")
    expect(page.locator("#scan [data-scan]")).to_be_focused()
    expect(page.locator("[name='lines.0.quantity']")).to_have_value("5")
    # One of its own number has no quantity to say.
    scan(number)
    expect(page.locator("[name='lines.1.serial']")).to_have_value(number)
    expect(page.locator("#scan [data-scan]")).to_be_focused()
    # A scanner that goes on at once: what is no quantity is the next scan.
    scan(part)
    expect(page.locator("[name='lines.0.quantity']")).to_be_focused()
    scan(part)
    expect(page.locator("[name='lines.0.quantity']")).to_have_value("7")
    expect(page.locator("[name='lines.1.serial']")).to_have_value(number)
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert "done=stock_posting" in page.url


GATE = """
  const real = window.fetch;
  const opened = new Promise((open) => { window.openGate = open; });
  window.fetch = (address, options) => String(address).endsWith('/stock/scan')
    ? opened.then(() => real(address, options)) : real(address, options);
"""


def test_typing_waits_for_the_answer(opened, shelf):
    """Nobody waits for a server between scan and quantity: nothing typed meanwhile is lost or misplaced."""
    place, part, number = shelf
    page = opened("keeper")
    page.add_init_script(GATE)
    page.goto("/stock")
    page.select_option("#scan [name=place_id]", place)
    page.focus("#scan [data-scan]")
    for text in [part, "12", number, part, "6"]:
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    page.evaluate("openGate()")
    expect(page.locator("[name='lines.1.serial']")).to_have_value(number)
    expect(page.locator("[name='lines.0.quantity']")).to_have_value("6")
    expect(page.locator("#scan [data-scan]")).to_be_focused()
    expect(page.locator("#scan [data-scan]")).to_have_value("")
    expect(page.locator("[name='lines.2.part_id']")).to_have_count(0)


def test_a_refused_scan_is_written_over(opened, shelf):
    place, part, _ = shelf
    page = opened("keeper")
    page.goto("/stock")
    page.select_option("#scan [name=place_id]", place)
    page.focus("#scan [data-scan]")
    page.keyboard.type("NO-SUCH-PART")
    page.keyboard.press("Enter")
    expect(page.locator("#scan .error-summary")).to_be_visible()
    expect(page.locator("#scan [data-scan]")).to_be_focused()
    page.keyboard.type(part)
    page.keyboard.press("Enter")
    expect(page.locator("[name='lines.0.quantity']")).to_be_focused()
    expect(page.locator("#scan .error-summary")).to_have_count(0)


def test_serial_numbers_are_scanned_in(opened, shelf):
    """A receipt: the part, how many, and then each piece's own number, which nobody knows yet."""
    place, part, number = shelf
    n = part.rsplit("-")[-1]
    page = opened("keeper")
    page.goto("/stock/documents/new?kind=receipt")
    page.select_option("[name=place_id]", place)
    page.fill("[name=scan_quantity]", "2")
    page.focus("[data-scan]")
    for text in [f"SCL-{n}", f"IN-{n}-1", f"IN-{n}-2", f"IN-{n}-3"]:
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    for i in range(3):
        expect(page.locator(f"[name='lines.{i}.serial']")).to_have_value(f"IN-{n}-{i + 1}")


def test_scanning_without_scripts(opened, shelf):
    place, part, _ = shelf
    page = opened("keeper", java_script_enabled=False)
    page.goto("/stock")
    page.select_option("#scan [name=place_id]", place)
    page.fill("#scan [data-scan]", part)
    page.press("#scan [data-scan]", "Enter")
    page.fill("[name='lines.0.quantity']", "3")
    page.press("[name='lines.0.quantity']", "Enter")
    expect(page.locator("[name='lines.0.quantity']")).to_have_value("3")


def test_every_scan_field_has_the_camera(opened):
    """Where the browser can read codes, each field that may be scanned into offers it."""
    page = opened("keeper")
    page.add_init_script("window.BarcodeDetector = class {};"
                         "navigator.mediaDevices ??= {}; navigator.mediaDevices.getUserMedia ??= () => {};")
    for path in ["/stock", "/stock/documents/new?kind=receipt"]:
        page.goto(path)
        fields = page.locator("[data-scan]")
        expect(page.locator("[data-camera]:visible")).to_have_count(fields.count())


def in_work(world, page):
    """Opens the form for parts of a ticket that the engineer works at."""
    for item in world.api("engineer", "GET", "/tickets?engineer=me&open=1&limit=200")["items"]:
        page.goto(f"/tickets/{item['number']}?do=parts")
        if page.locator("#f-find").count():
            return
    raise AssertionError("the demo world has no ticket for which the engineer takes parts")


def test_a_part_is_found_by_its_name(world, opened, shelf):
    place, part, _ = shelf
    page = opened("engineer")
    page.goto("/me")
    speak(page, "zh-Hans")
    in_work(world, page)
    address = page.url
    page.locator("#f-find").press_sequentially(f"扫码风扇 {part.rsplit('-')[-1]}")
    chip = page.locator(f"#part-found [data-part='{part}'][data-place='{place}']")
    expect(chip).to_contain_text("30")
    chip.click()
    expect(page.locator("#f-part_id")).to_have_value(part)
    expect(page.locator("#f-place_id")).to_have_value(place)
    expect(page.locator("#f-quantity")).to_be_focused()
    assert page.url == address


def test_a_scan_on_a_ticket_asks_for_the_quantity(world, opened, shelf):
    _, part, _ = shelf
    page = opened("engineer")
    in_work(world, page)
    page.fill("#f-part_id", part)
    page.press("#f-part_id", "Enter")
    expect(page.locator("#f-quantity")).to_be_focused()
    assert "do=parts" in page.url


def test_a_decision_offers_parts_by_name(world, opened, shelf):
    _, part, _ = shelf
    page = opened("management")
    ticket = world.api("management", "GET", "/tickets?state=awaiting_decision&limit=1")["items"][0]["number"]
    page.goto(f"/tickets/{ticket}?do=decision")
    if page.locator("main input[type=password]").count():
        page.fill("main input[type=password]", PASSWORD)
        page.press("main input[type=password]", "Enter")
        page.goto(f"/tickets/{ticket}?do=decision")
    page.click("#f-shipment summary")
    page.locator("[name='shipment.lines.0.part_id']").press_sequentially(part)
    expect(page.locator(f"#parts-known option[value='{part}']")).to_have_count(1)
