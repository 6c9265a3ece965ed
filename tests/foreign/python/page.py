"""Drives a browser through the page of a notice: names, keyboard, sizes, contrast, reflow, and what "not today" does.

The criteria are those of WCAG 2.2, level AA, that a program can tell; each check names its own.
"""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request

driver, page, doorstep = sys.argv[1:4]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
TAB, ENTER = "\ue004", "\ue007"


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(driver + path, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        raise SystemExit(f"page: the driver refuses {method} {path}: {error.read().decode()}") from error


def wait_for_driver():
    for _ in range(300):
        try:
            return call("GET", "/status")
        except OSError:
            time.sleep(0.1)
    raise SystemExit("page: the driver does not listen")


def check(what, holds, told=""):
    if not holds:
        raise SystemExit(f"page: NOT HELD: {what} {told}")
    print(f"  held: {what}")


class Browser:
    def __init__(self, width):
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--window-size={width},900"]
        wants = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": {"args": arguments}}}}
        self.at = "/session/" + call("POST", "/session", wants)["sessionId"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        call("DELETE", self.at)

    def open(self, url):
        call("POST", self.at + "/url", {"url": url})

    def find(self, css):
        found = call("POST", self.at + "/elements", {"using": "css selector", "value": css})
        return [one[ELEMENT] for one in found]

    def of(self, element, what):
        return call("GET", f"{self.at}/element/{element}/{what}")

    def ask(self, script):
        return call("POST", self.at + "/execute/sync", {"script": "return " + script, "args": []})

    def press(self, key):
        strokes = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        actions = [{"type": "key", "id": "keyboard", "actions": strokes}]
        call("POST", self.at + "/actions", {"actions": actions})

    def active(self):
        return call("GET", self.at + "/element/active")[ELEMENT]


def light(color):
    parts = [float(part) / 255 for part in color[color.index("(") + 1 : -1].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    brighter, darker = sorted([light(one), light(other)], reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def structure(browser, lang):
    check(f"the language of the page is {lang} (3.1.1)", browser.ask("document.documentElement.lang").startswith(lang))
    check("it has a title (2.4.2)", browser.ask("document.title.length") > 4)
    check("it has one main heading and one main part (1.3.1)", len(browser.find("h1")) == 1 == len(browser.find("main")))
    levels = browser.ask("[...document.querySelectorAll('h1,h2,h3')].map(one => +one.tagName[1])")
    check("no level of heading is left out (1.3.1)", all(b - a <= 1 for a, b in zip(levels, levels[1:])), levels)
    check("it has no script, and may load none", browser.ask("document.scripts.length") == 0)
    ids = browser.ask("[...document.querySelectorAll('[id]')].map(one => one.id)")
    check("no id is there twice (4.1.1)", len(ids) == len(set(ids)), ids)


def controls(browser):
    shown = [one for one in browser.find("input:not([type=hidden]),textarea,select,button,a") if browser.of(one, "displayed")]
    check("there are controls", len(shown) > 10)
    for one in shown:
        name, role = browser.of(one, "computedlabel"), browser.of(one, "computedrole")
        if not name or not role:
            check("each control has a name and a role (4.1.2)", False, browser.of(one, "name"))
    check("each control has a name and a role (4.1.2)", True)
    sizes = [browser.of(one, "rect") for one in shown if browser.of(one, "name") != "a"]
    check("each target is at least 24 pixels (2.5.8)", all(min(size["width"], size["height"]) >= 24 for size in sizes), sizes)
    for one in browser.find("button"):
        ratio = contrast(browser.of(one, "css/color"), browser.of(one, "css/background-color"))
        if ratio < 4.5:
            check("text of buttons stands out (1.4.3)", False, ratio)
    body = browser.find("body")[0]
    ratio = contrast(browser.of(body, "css/color"), browser.of(body, "css/background-color"))
    check("text stands out at least 4.5 to 1 (1.4.3)", ratio >= 4.5, ratio)
    check("nothing scrolls sideways (1.4.10)", browser.ask("document.documentElement.scrollWidth <= innerWidth"))


def by_keyboard(browser, value):
    """Goes to the button of a form by the tabulator alone."""
    for _ in range(60):
        browser.press(TAB)
        at = browser.active()
        outline = browser.of(at, "css/outline-style")
        check_focus = browser.of(at, "name") in ("button", "input", "textarea", "select", "a")
        if check_focus and outline == "none":
            check("what has the focus is seen (2.4.7)", False, browser.of(at, "name"))
        form = browser.ask("(document.activeElement.form?.elements['what'] ?? {}).value")
        if browser.of(at, "name") == "button" and form == value:
            check("what has the focus is seen (2.4.7)", True)
            return
    check(f"the button of {value} is reached by keyboard (2.1.1)", False)


def cancelled():
    listed = subprocess.run([doorstep, "visit", "list", "--state", "cancelled", "--json"], check=True, capture_output=True)
    return len(json.loads(listed.stdout)["items"])


wait_for_driver()
for lang in ("en", "zh"):
    for width in (320, 1200):
        print(f"{lang}, {width} pixels")
        with Browser(width) as browser:
            browser.open(f"{page}?lang={lang}")
            structure(browser, lang)
            controls(browser)
with Browser(420) as browser:
    print("not today, by keyboard")
    before = cancelled()
    browser.open(f"{page}?lang=en")
    by_keyboard(browser, "not_today")
    began = time.monotonic()
    browser.press(ENTER)
    # How long it takes is told and not judged: a busy machine is no fault of the program's.
    while cancelled() == before:
        if time.monotonic() - began > 60:
            check("the visit is taken out of the plan", False)
        time.sleep(0.02)
    check(f"the visit is taken out of the plan, seen after {round((time.monotonic() - began) * 1000)} ms (at most 2,000 on a quiet machine)", True)
    status = browser.find("[role=status]")
    check("what was taken is announced (4.1.3)", len(status) == 1 and "It counts from now on" in browser.of(status[0], "text"))
    browser.open(f"{page}?lang=en")
    digits = browser.find("#digits")[0]
    call("POST", f"{browser.at}/element/{digits}/value", {"text": "0000" + ENTER})
    time.sleep(0.5)
    alert = browser.find("[role=alert]")
    check("what is wrong is said in words, as an alert (3.3.1)", len(alert) == 1 and "not the last four digits" in browser.of(alert[0], "text"))
print("page: all held")
