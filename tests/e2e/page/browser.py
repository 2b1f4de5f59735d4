"""A real headless Chromium (Debian's) with a profile of its own, driven by Debian's chromedriver."""

from __future__ import annotations

import base64
import json
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM: Final = shutil.which("chromium")
DRIVER: Final = shutil.which("chromedriver")
AXE: Final = Path("tests/e2e/page/node_modules/axe-core/axe.min.js")
_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)
_TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Browser:
    """One window, and what a test wants to know of the page in it."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        """Wrap a driver that is at work."""
        self.driver = driver

    def size(self, width: int, height: int, *, scale: float = 1.0) -> None:
        """Show pages as a screen of this size would."""
        self._cdp(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=False,
        )

    def media(self, *, dark: bool = False, medium: str = "") -> None:
        """Say what the system prefers, and whether it prints."""
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self._cdp("Emulation.setEmulatedMedia", media=medium, features=features)

    def script(self, allowed: bool) -> None:  # noqa: FBT001  a switch
        """Let pages run their script, or not."""
        self._cdp("Emulation.setScriptExecutionDisabled", value=not allowed)

    def open(self, page: Path, fragment: str = "") -> None:
        """Open a page from its file, afresh, and wait until its script is done."""
        self.driver.get("about:blank")
        self.driver.get(page.resolve().as_uri() + (f"#{fragment}" if fragment else ""))
        self.wait("!document.querySelector('#data') || document.documentElement.classList.contains('ready')")

    def go(self, fragment: str) -> None:
        """Follow a link of the page to this fragment."""
        self.run("location.hash = arguments[0]; return 0", fragment)
        self.settle()

    def run(self, script: str, *arguments: object) -> Any:  # noqa: ANN401  whatever the page returns
        """Run a script in the page and return what it returns."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition: str) -> None:
        """Wait until the expression is true in the page."""
        self.driver.set_script_timeout(60)
        look = f"if ({condition}) done(); else setTimeout(look, 10);"
        self.driver.execute_async_script(f"const done = arguments[0]; (function look() {{ {look} }})()")

    def settle(self) -> None:
        """Wait until the page has answered what happened to it and was drawn again."""
        self.driver.execute_async_script(
            "const done = arguments[0];"
            "requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(done)))"
        )

    def text(self, selector: str) -> str:
        """Return what a reader sees in the first element that fits."""
        return str(self.run("return document.querySelector(arguments[0]).innerText", selector))

    def texts(self, selector: str) -> list[str]:
        """Return what a reader sees in each element that fits and is shown."""
        found: list[str] = self.run(
            "return [...document.querySelectorAll(arguments[0])].filter(e => e.getClientRects().length)"
            ".map(e => e.innerText)",
            selector,
        )
        return found

    def click(self, selector: str) -> None:
        """Click as a person does: the element has to be there, and nothing before it."""
        self.driver.find_element("css selector", selector).click()
        self.settle()

    def keys(self, *keys: str) -> None:
        """Press keys where the focus is."""
        self.driver.switch_to.active_element.send_keys(*keys)
        self.settle()

    def violations(self, within: str = "html") -> list[str]:
        """Return what axe-core finds wrong with the page, or a part of it, as it is now."""
        self._cdp("Runtime.evaluate", expression=AXE.read_text(encoding="utf-8"))
        found: list[dict[str, Any]] = self.driver.execute_async_script(
            "const done = arguments[2]; axe.run(arguments[1], {runOnly: {type: 'tag', values: arguments[0]}})"
            ".then(result => done(result.violations), error => done([{id: String(error), nodes: []}]))",
            _TAGS,
            within,
        )
        return [
            f"{each['id']}: {node['html'][:160]}"
            for each in found
            for node in each["nodes"] or [{"html": ""}]
        ]

    def complaints(self) -> list[str]:
        """Return what the console got since the last question."""
        self.settle()  # what was said before this answer has arrived with it
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Return what the page asked of any network since the last question."""
        self.settle()
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        urls = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if not url.startswith(("file:", "data:", "about:"))]

    def first_paint_ms(self) -> float:
        """Return when the page first showed anything of itself."""
        found = "performance.getEntriesByName('first-contentful-paint')"
        self.wait(f"{found}.length")
        return float(self.run(f"return {found}[0].startTime"))

    def picture(self, path: Path, *, height: int = 0) -> None:
        """Keep what is seen; `height` beyond the window shows more of the page from its top."""
        clip = {"x": 0, "y": 0, "width": self.run("return innerWidth"), "height": height, "scale": 1}
        more = {"clip": clip, "captureBeyondViewport": True} if height else {}
        shot = self._cdp("Page.captureScreenshot", format="png", **more)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def printed(self, path: Path) -> bytes:
        """Print the page as PDF, keep it and return it."""
        shot = self._cdp("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        content = base64.b64decode(shot["data"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return content

    def _cdp(self, method: str, **parameters: object) -> dict[str, Any]:
        found: dict[str, Any] = self.driver.execute_cdp_cmd(method, parameters)
        return found


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Start a Chromium with this folder as its profile, and end it."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        driver.get("about:blank")
        for kind in ("browser", "performance"):
            driver.get_log(kind)  # what the browser itself did while it started
        yield Browser(driver)
    finally:
        driver.quit()
