"""Files on forms: the chooser speaks the page's language, works by keyboard and without scripts, and what
was chosen outlives a form that is looked up or refused."""

import pytest

LOG = {"name": "pass-0312.log", "mimeType": "text/plain", "buffer": b"AZ-217 at 214 degrees"}


@pytest.mark.parametrize("scripts", [True, False])
def test_chosen_files_outlive_find_and_refusal(opened, world, scripts):
    page = opened("customer", java_script_enabled=scripts)
    page.goto("/tickets/new")
    page.locator("input[name=file]").set_input_files(LOG)
    page.locator("[name=serial]").fill("WR10C-2021-0103")
    page.locator("button[formaction]").first.click()
    page.wait_for_load_state()
    held = page.locator("input[name=held]")
    assert held.count() == 1 and held.is_checked()
    assert LOG["name"] in page.locator(".held").inner_text()
    # Nothing typed: the server refuses, whatever the browser would have done.
    page.locator("form.form").evaluate("f => f.noValidate = true")
    page.locator("button.btn-primary[type=submit]").last.click()
    page.wait_for_load_state()
    assert page.locator(".error-summary").count() == 1
    assert page.locator("input[name=held]").count() == 1
    page.locator("[name=title]").fill("Alarm AZ-217 again" + (" (scripts)" if scripts else ""))
    page.locator("[name=description]").fill("It stopped at 214 degrees.")
    page.locator("button.btn-primary[type=submit]").last.click()
    page.wait_for_url("**/tickets/FT-*")
    assert page.locator(f".file:has-text('{LOG['name']}')").count() >= 1


def test_the_chooser_is_a_button_of_the_page(opened, world):
    page = opened("customer")
    page.goto("/tickets/new")
    with page.expect_file_chooser() as chooser:
        page.locator(".file-pick").click()
    chooser.value.set_files(LOG)
    assert LOG["name"] in page.locator(".drop-list").inner_text()
    page.locator(".drop-list button").click()
    assert page.locator("input[name=file]").evaluate("i => i.files.length") == 0
    # By keyboard: the focus is seen on the button that it belongs to.
    page.locator("input[name=file]").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.locator(".file-pick:has(:focus-visible)").count() == 1


def test_a_message_shows_what_will_be_sent_along(opened, world):
    ticket = world.api("customer", "GET", "/tickets?state=in_progress&limit=1")["items"][0]["number"]
    page = opened("customer")
    page.goto(f"/tickets/{ticket}")
    page.locator(".composer input[name=file]").set_input_files(LOG)
    assert LOG["name"] in page.locator(".composer .drop-list").inner_text()
    page.locator(".composer textarea").fill("The log of that pass.")
    page.locator(".composer button[type=submit]").locator("visible=true").click()
    page.wait_for_url("**done=responses*")
    assert page.locator(f".msg .file:has-text('{LOG['name']}')").count() == 1
