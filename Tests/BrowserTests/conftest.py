import pytest
from playwright.sync_api import sync_playwright

from world import World, launch, sign_in


@pytest.fixture(scope="session")
def world():
    made = World()
    made.stocked = made.stock()
    yield made
    made.close()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        shown = launch(playwright)
        yield shown
        shown.close()


@pytest.fixture(scope="session")
def sessions(world, browser):
    """The cookies of a signed-in person, signed in once in the whole run."""
    kept = {}

    def of(login):
        if login not in kept:
            context = browser.new_context(java_script_enabled=False)
            sign_in(context.new_page(), world.base, login)
            kept[login] = context.storage_state()
            context.close()
        return kept[login]

    return of


@pytest.fixture
def opened(world, browser, sessions):
    """`opened("engineer", width=390)`: a page of somebody signed in; closed after the test."""
    contexts = []

    def open_as(login=None, width=1440, height=900, **options):
        context = browser.new_context(
            base_url=world.base, viewport={"width": width, "height": height},
            storage_state=sessions(login) if login else None, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield open_as
    for context in contexts:
        context.close()


def pytest_collection_modifyitems(items):
    """What shakes the world with made-up requests comes last."""
    items.sort(key=lambda item: item.path.name == "test_api.py")
