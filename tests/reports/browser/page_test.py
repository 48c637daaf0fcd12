"""Looks at pages of squall in headless Chromium, as people do.

    page_test.py PICTURES DIR…     each DIR holds record.json and report.html

Of each page: no message on the console, every canvas drawn, filters and scales change what is drawn, no overflow at 360
pixels, labels apart from each other, markup of others shown as text, every figure of the tables as in record.json. Pictures
(light, dark, narrow) go into PICTURES. One Chromium for all, offline and with a profile of its own."""
import base64
import json
import os
import pathlib
import shutil
import sys
import tempfile
import traceback

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tables import check_tables  # noqa: E402



class Page:
    def __init__(self, driver, directory, pictures):
        self.driver = driver
        self.directory = pathlib.Path(directory)
        self.pictures = pathlib.Path(pictures)
        self.record = json.loads((self.directory / "record.json").read_text())

    def script(self, code, *arguments):
        return self.driver.execute_script(code, *arguments)

    def show(self, width, dark):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
        self.driver.get((self.directory / "report.html").resolve().as_uri())
        WebDriverWait(self.driver, 30).until(lambda _: self.script(
            "return document.readyState === 'complete' && document.documentElement.classList.contains('scripted')"))

    def picture(self, name):
        height = min(self.script("return document.documentElement.scrollHeight"), 14000)
        width = self.script("return window.innerWidth")
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "format": "png", "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}})
        (self.pictures / f"{self.directory.name}-{name}.png").write_bytes(base64.b64decode(shot["data"]))

    def canvases(self):
        return self.script("return [...document.querySelectorAll('main .chart canvas')].map((c) => c.id)")

    def pixels(self, canvas):
        """A digest of them."""
        return self.script(
            """const c = document.getElementById(arguments[0]);
            const words = new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer);
            let hash = words.length;
            for (const word of words) hash = Math.imul(hash ^ word, 16777619);
            return hash""", canvas)

    def choose(self, element, value):
        Select(self.driver.find_element(By.ID, element)).select_by_value(value)


def no_messages(page):
    # The advice to tests that read canvases back is about this one.
    messages = [one for one in page.driver.get_log("browser") if "willReadFrequently" not in one["message"]]
    assert not messages, messages


def canvases_are_drawn(page):
    for canvas in page.canvases():
        colours = page.script(
            """const c = document.getElementById(arguments[0]);
            const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            const seen = new Set();
            for (let i = 0; i < d.length; i += 4) if (d[i + 3]) seen.add((d[i] << 16) | (d[i + 1] << 8) | d[i + 2]);
            return seen.size""", canvas)
        assert colours > 8, f"{canvas} shows {colours} colours"
    series = page.record["seconds"] and page.record["operations"]
    assert bool(page.canvases()) >= bool(series), "a run with seconds has charts"


def data_lies_in_the_plot(page):
    """A chart with axes alone is drawn too: what it is about must be seen."""
    empty = page.script(
        """return [...document.querySelectorAll('main .chart canvas')].map((c) => Chart.getChart(c)).filter((chart) => {
          if (chart.squallHeat) return !chart.squallHeat.columns.some((one) => one.length);
          const area = chart.chartArea;
          return !chart.getSortedVisibleDatasetMetas().some((meta) => meta.data.some((point) =>
            point.x >= area.left - 1 && point.x <= area.right + 1 && point.y >= area.top - 1 && point.y <= area.bottom + 1));
        }).map((chart) => chart.canvas.id)""")
    assert not empty, empty


def filters_change_the_picture(page):
    if not page.script("return document.getElementById('filter-step') !== null"):
        return
    charts = [one for one in ("percentiles", "heat", "curve") if one in page.canvases()]
    before = {one: page.pixels(one) for one in charts}
    for element in ("filter-step", "filter-exposure"):
        values = page.script("return [...document.getElementById(arguments[0]).options].map((o) => o.value)", element)
        if len(values) < 3:
            continue  # one step or exposure is all of them
        for value in values[1:]:
            page.choose(element, value)
            same = [one for one in charts if page.pixels(one) == before[one]]
            assert not same or "heat" not in charts, f"{element} {value} leaves {same}"
        page.choose(element, "all")
    after = [one for one in charts if page.pixels(one) != before[one]]
    assert not after, f"all steps again, but {after} differ"


def scales_change_the_picture(page):
    for chart in ("percentiles", "curve"):
        if chart in page.canvases():
            before = page.pixels(chart)
            page.script("document.getElementById(arguments[0] + '-log').click()", chart)
            assert page.pixels(chart) != before, chart
            page.script("document.getElementById(arguments[0] + '-log').click()", chart)
            assert page.pixels(chart) == before, chart


def theme_button_changes_all(page):
    before = {one: page.pixels(one) for one in page.canvases()}
    paper = page.script("return getComputedStyle(document.body).backgroundColor")
    page.driver.find_element(By.ID, "theme").click()
    assert page.script("return getComputedStyle(document.body).backgroundColor") != paper
    same = [one for one in before if page.pixels(one) == before[one]]
    assert not same, same
    page.driver.find_element(By.ID, "theme").click()


def titles_sort_tables(page):
    tables = page.script("return [...document.querySelectorAll('table[id]')].filter((t) => t.tBodies[0].rows.length > 1)"
                         ".map((t) => t.id).filter((id) => id)")
    for table in tables:
        rows = lambda: page.script("return [...document.getElementById(arguments[0]).tBodies[0].rows]"  # noqa: E731
                                   ".map((r) => r.textContent)", table)
        before = sorted(rows())
        for _ in range(2):
            page.script("document.querySelector('#' + arguments[0] + ' th button').click()", table)
            assert sorted(rows()) == before, table
        state = page.script("return document.querySelector('#' + arguments[0] + ' th').getAttribute('aria-sort')", table)
        assert state == "descending", state


def everything_is_reached_by_keyboard(page):
    stray = page.script(
        """return [...document.querySelectorAll('button, select, input, summary, a')]
          .filter((one) => one.tabIndex < 0).map((one) => one.outerHTML)""")
    assert not stray, stray


def nothing_overflows(page):
    wide = page.script(
        """const limit = window.innerWidth;
        if (document.documentElement.scrollWidth <= limit) return [];
        return [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > limit + 1 &&
          !one.closest('.table, pre, nav')).map((one) => one.tagName + '.' + one.className).slice(0, 5)""")
    assert page.script("return document.documentElement.scrollWidth <= window.innerWidth"), wide


def boxes_stand_apart(page):
    """Headings, controls, charts, tables of a section follow each other; so do axis, legend and plot in a chart."""
    overlaps = page.script(
        """const found = [];
        for (const section of document.querySelectorAll('section, .verdict')) {
          const boxes = [...section.querySelectorAll('h1, h2, h3, p, .controls, .chart, .scale, .tip, .table, .tile, summary')]
            .filter((one) => one.offsetParent !== null && !one.parentElement.closest('details:not([open]) > :not(summary)') &&
              !one.matches('details:not([open]) > :not(summary)')).map((one) => [one, one.getBoundingClientRect()]);
          boxes.forEach(([a, x], i) => boxes.slice(i + 1).forEach(([b, y]) => {
            const apart = x.right <= y.left + 1 || y.right <= x.left + 1 || x.bottom <= y.top + 1 || y.bottom <= x.top + 1;
            if (!apart && !a.contains(b) && !b.contains(a)) found.push(a.textContent.slice(0, 40) + ' / ' + b.textContent.slice(0, 40));
          }));
        }
        for (const canvas of document.querySelectorAll('main .chart canvas')) {
          const chart = Chart.getChart(canvas);
          const box = (b) => ({ left: b.left, right: b.right, top: b.top, bottom: b.bottom });
          const parts = [box(chart.chartArea), ...(chart.legend && chart.options.plugins.legend.display ? [box(chart.legend)] : [])];
          for (const scale of Object.values(chart.scales)) {
            parts.push(box(scale));
            if (scale.isHorizontal()) {
              const ends = scale.ticks.map((tick) => {
                const half = chart.ctx.measureText(String(tick.label)).width / 2;
                const at = scale.getPixelForValue(tick.value);
                return [at - half, at + half];
              });
              ends.slice(1).forEach(([low], i) => { if (low < ends[i][1]) found.push(canvas.id + ': labels ' + scale.ticks[i].label); });
            }
          }
          parts.forEach((a, i) => parts.slice(i + 1).forEach((b) => {
            const apart = a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
            if (!apart) found.push(canvas.id + ': parts of the chart ' + JSON.stringify([a, b]));
          }));
        }
        return found.slice(0, 6)""")
    assert not overlaps, overlaps


def markup_stays_text(page):
    """What a target says is shown, not run, and no element comes of it."""
    assert page.script("return window.squallWasHacked === undefined")
    foreign = page.script(
        """return [...document.querySelectorAll('img, iframe, object, embed, form, link, base, video, audio')]
          .map((one) => one.outerHTML)""")
    assert not foreign, foreign
    assert page.script("return document.scripts.length") == 4
    marker = "<script>window.squallWasHacked"
    if marker in json.dumps(page.record):
        assert marker in page.script("return document.body.innerText + document.querySelector('main').textContent")
    options = page.script("return [...document.querySelectorAll('#filter-step option')].map((o) => o.children.length)")
    assert not any(options)


def fetches_nothing(page):
    fetched = page.script("return performance.getEntriesByType('resource').map((one) => one.name)")
    assert not fetched, fetched


WIDE = [canvases_are_drawn, data_lies_in_the_plot, filters_change_the_picture, scales_change_the_picture,
        theme_button_changes_all, everything_is_reached_by_keyboard, boxes_stand_apart, nothing_overflows,
        markup_stays_text, fetches_nothing, check_tables, titles_sort_tables, no_messages]
NARROW = [canvases_are_drawn, data_lies_in_the_plot, nothing_overflows, boxes_stand_apart, no_messages]
DARK = [canvases_are_drawn, data_lies_in_the_plot, no_messages]


def start_browser(profile):
    options = Options()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
                     "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


def main():
    pictures, directories = sys.argv[1], sys.argv[2:]
    os.makedirs(pictures, exist_ok=True)
    profile = tempfile.mkdtemp(prefix="squall-chromium-")
    driver = start_browser(profile)
    failures = 0
    try:
        for directory in directories:
            page = Page(driver, directory, pictures)
            for name, width, dark, checks in (("light", 1280, False, WIDE), ("dark", 1280, True, DARK),
                                              ("narrow", 360, False, NARROW)):
                page.show(width, dark)
                page.picture(name)
                for check in checks:
                    try:
                        check(page)
                    except Exception:  # every check is told, not only the first that fails
                        failures += 1
                        print(f"{directory} {name} {check.__name__}:", file=sys.stderr)
                        traceback.print_exc()
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
