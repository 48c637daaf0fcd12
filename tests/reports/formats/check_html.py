"""Fails unless a page made by squall is balanced, holds no element or attribute but those squall writes, runs no script but
its own three, names them by their digests, and points nowhere outside."""
import base64
import hashlib
import html.parser
import json
import sys

VOID = {"meta", "br", "line", "rect"}
ELEMENTS = VOID | set(
    "html head title style body a header div strong nav button main p h1 h2 h3 ul li span b section table thead tbody tr th td"
    " pre code details summary noscript label select option input canvas svg text dl dt dd footer script".split())
ATTRIBUTES = set(
    "lang charset http-equiv content name id class href type role value for checked tabindex scope data-sort open height width"
    " x y x1 x2 y1 y2 rx text-anchor".split())


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.texts = {}  # of script and style, in order
        self.policy = None

    def handle_starttag(self, tag, attributes):
        where = f"line {self.getpos()[0]}: <{tag}>"
        assert tag in ELEMENTS, where
        for name, value in attributes:
            assert name in ATTRIBUTES or name.startswith("aria-"), f"{where} {name}"
            if name == "href":
                assert value.startswith("#"), f"{where} {value}"
        given = dict(attributes)
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag in ("script", "style"):
            self.texts.setdefault(tag + given.get("type", ""), []).append("")
            self.current = self.texts[tag + given.get("type", "")]
        if tag not in VOID and tag != "input":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        assert tag in VOID, tag

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"line {self.getpos()[0]}: </{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            self.current[-1] += data

    def handle_comment(self, data):
        raise AssertionError(f"line {self.getpos()[0]}: a comment")


def digest(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def main():
    page = Page()
    page.feed(open(sys.argv[1], encoding="utf-8", newline="").read())
    page.close()
    assert not page.open, page.open
    assert len(page.texts["script"]) == 3 and len(page.texts["style"]) == 1
    rules = dict(rule.strip().split(" ", 1) for rule in page.policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"].split() == [digest(text) for text in page.texts["script"]]
    assert rules["style-src"].split() == [digest(text) for text in page.texts["style"]]
    (data,) = page.texts["scriptapplication/json"]
    assert "<" not in data
    json.loads(data)


main()
