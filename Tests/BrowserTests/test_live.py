"""Live updates: what somebody else does shows by itself, and never over typed words."""

from playwright.sync_api import expect

from test_keyboard import ticket_in_work


def test_reply_shows_elsewhere(world, opened):
    ticket = ticket_in_work(world)
    page = opened("engineer")
    page.goto(f"/tickets/{ticket['number']}")
    other = page.context.new_page()
    other.goto(f"/tickets/{ticket['number']}")
    other.locator(".composer textarea").fill("Half a sentence")
    world.api("engineer", "POST", f"/tickets/{ticket['id']}/notes", {"body": "Seen from the API alone."})
    page.bring_to_front()
    expect(page.locator(".timeline")).to_contain_text("Seen from the API alone.")
    other.bring_to_front()
    expect(other.locator(".timeline")).to_contain_text("Seen from the API alone.")
    expect(other.locator(".composer textarea")).to_have_value("Half a sentence")
