"""The keyboard: everything that the hand can reach, and the short cuts of `screens.md`."""

import pytest
from playwright.sync_api import expect

from world import speak


@pytest.fixture
def engineer(opened):
    page = opened("engineer")
    page.goto("/")
    return page


def ticket_in_work(world):
    """A ticket to which the engineer may reply now."""
    for item in world.api("engineer", "GET", "/tickets?limit=200")["items"]:
        detail = world.api("engineer", "GET", f"/tickets/{item['id']}")
        if "responses" in detail["allowed"]:
            return detail
    raise AssertionError("the demo world has no ticket that the engineer may reply to")


@pytest.mark.parametrize("key", ["/", "Control+k"])
def test_palette_opens_pages(engineer, key):
    speak(engineer, "en")
    engineer.keyboard.press(key)
    field = engineer.get_by_role("combobox", name="Search and commands")
    expect(field).to_be_focused()
    first = engineer.locator(".nav a[href]").first
    field.fill(first.locator("span").first.inner_text())
    engineer.get_by_role("option").first.wait_for()
    engineer.keyboard.press("Escape")
    expect(field).to_be_hidden()


def test_palette_finds_a_ticket(world, engineer):
    ticket = ticket_in_work(world)
    engineer.keyboard.press("/")
    engineer.keyboard.type(ticket["number"])
    expect(engineer.get_by_role("option").filter(has_text=ticket["number"]).first).to_be_visible()
    engineer.keyboard.press("Enter")
    engineer.wait_for_url("**/tickets/*")
    expect(engineer.locator("main")).to_contain_text(ticket["number"])


def test_enter_of_an_input_method_opens_nothing(engineer):
    """While characters are being composed, Enter belongs to the input method."""
    engineer.keyboard.press("/")
    field = engineer.get_by_role("combobox")
    before = engineer.url
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True, "cancelable": True})
    expect(field).to_be_visible()
    assert engineer.url == before


def test_rows(engineer):
    """j and k walk, Enter opens."""
    engineer.goto("/tickets")
    links = engineer.locator(".queue tbody tr:not(.table-group)")
    assert links.count() > 2
    engineer.keyboard.press("j")
    engineer.keyboard.press("j")
    second = links.nth(1).locator("a").first
    expect(second).to_be_focused()
    engineer.keyboard.press("k")
    first = links.nth(0).locator("a").first
    expect(first).to_be_focused()
    address = first.get_attribute("href")
    engineer.keyboard.press("Enter")
    engineer.wait_for_url(f"**{address}")


def test_reply_goes_to_the_row(engineer):
    """After walking on, r opens the row's own ticket; what stands beside the list is another one's."""
    engineer.goto("/work")
    shown = engineer.locator(".queue tr.is-selected").first
    expect(shown).to_be_visible()
    engineer.keyboard.press("j")
    number = engineer.locator(".queue tr.is-selected .num, .queue tr.is-selected .meta a").first.inner_text()
    engineer.keyboard.press("r")
    engineer.wait_for_url("**/tickets/*#f-body")
    assert number.strip() in engineer.url
    expect(engineer.locator("main")).to_contain_text(number.strip())


def test_help(engineer):
    engineer.keyboard.press("?")
    dialog = engineer.locator("#keys-dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("checkbox").uncheck()
    engineer.keyboard.press("Escape")
    engineer.keyboard.press("/")
    expect(engineer.get_by_role("combobox")).to_have_count(0)
    engineer.keyboard.press("Control+k")
    expect(engineer.get_by_role("combobox")).to_be_visible()


def test_reply_and_send(world, engineer):
    """r goes to the reply, its draft survives a reload, Ctrl-Enter sends it and the draft is gone."""
    ticket = ticket_in_work(world)
    engineer.goto(f"/tickets/{ticket['number']}")
    engineer.keyboard.press("r")
    composer = engineer.locator(".composer textarea")
    expect(composer).to_be_focused()
    engineer.keyboard.type("We looked at the drive log; the limit stays at 6 degrees per second.")
    expect(engineer.locator("[data-draft-hint]")).not_to_be_empty()
    engineer.reload()
    expect(composer).to_have_value("We looked at the drive log; the limit stays at 6 degrees per second.")
    composer.focus()
    with engineer.expect_navigation():
        engineer.keyboard.press("Control+Enter")
    expect(engineer.locator(".timeline")).to_contain_text("the limit stays at 6 degrees")
    expect(engineer.locator(".composer textarea")).to_have_value("")


def test_skip_link_and_focus(engineer):
    """The first Tab offers to skip, and what has the focus is seen."""
    engineer.goto("/")
    engineer.keyboard.press("Tab")
    expect(engineer.locator(".skip")).to_be_focused()
    for _ in range(12):
        engineer.keyboard.press("Tab")
        seen = engineer.evaluate("""() => {
            const node = document.activeElement, box = node.getBoundingClientRect();
            const style = getComputedStyle(node);
            const isDrawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
            return { isDrawn, isOnScreen: box.bottom > 0 && box.top < innerHeight, html: node.outerHTML.slice(0, 120) };
        }""")
        assert seen["isDrawn"] and seen["isOnScreen"], seen["html"]


def test_one_submission(world, opened):
    """A second press while the first is under way sends nothing more."""
    ticket = ticket_in_work(world)
    page = opened("engineer")
    page.goto(f"/tickets/{ticket['number']}")
    page.locator(".composer textarea").fill("Sent once.")
    sent = []
    page.on("request", lambda r: r.method == "POST" and sent.append(r.url))
    with page.expect_navigation():
        page.evaluate("""() => {
            const form = document.querySelector('.composer');
            form.requestSubmit(); form.requestSubmit();
        }""")
    assert len(sent) == 1
