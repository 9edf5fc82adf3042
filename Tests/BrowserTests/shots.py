#!/usr/bin/env python3
"""Takes pictures of pages: each path at 1440 and 390 px, light and dark, in Chinese and English.

    .venv/bin/python Tests/BrowserTests/shots.py --base http://127.0.0.1:8080 --role engineer \\
        --password P --out shots /my-work /tickets
"""

import argparse
import re
from pathlib import Path

from playwright.sync_api import sync_playwright

from world import PASSWORD, launch, sign_in, speak


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--base", default="http://127.0.0.1:8080")
    arguments.add_argument("--role", default="", help="the sign-in; without one the pages of the door")
    arguments.add_argument("--password", default=PASSWORD)
    arguments.add_argument("--out", required=True, type=Path)
    arguments.add_argument("--widths", default="1440,390")
    arguments.add_argument("--themes", default="light,dark")
    arguments.add_argument("--languages", default="zh-Hans,en")
    arguments.add_argument("--full", action="store_true", help="the whole page, not only the first screen")
    arguments.add_argument("paths", nargs="+")
    given = arguments.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)

    with sync_playwright() as playwright:
        browser = launch(playwright)
        session = None
        if given.role:
            context = browser.new_context()
            sign_in(context.new_page(), given.base, given.role, given.password)
            session = context.storage_state()
        for language in given.languages.split(","):
            for theme in given.themes.split(","):
                for width in map(int, given.widths.split(",")):
                    context = browser.new_context(
                        base_url=given.base, storage_state=session, color_scheme=theme, locale=language,
                        viewport={"width": width, "height": 844 if width < 720 else 900})
                    page = context.new_page()
                    for path in given.paths:
                        page.goto(path)
                        if page.locator(".langs").count():
                            speak(page, language)
                        name = re.sub(r"\W+", "-", path).strip("-") or "start"
                        file = given.out / f"{given.role or 'door'}.{name}.{width}.{theme}.{language}.png"
                        page.screenshot(path=file, full_page=given.full)
                        print(file)
                    context.close()
        browser.close()


if __name__ == "__main__":
    main()
