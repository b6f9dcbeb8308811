"""Documentation pages: Markdown and HTML, cut into sections for a language model to read.

Prose has no machine-readable operations, and guessing them from example URLs invents some and misses others; so none
are made here. `require_operations` is the gate of every program that needs them: it refuses a page, and says what
would help.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from envfactory.errors import ResourceError
from envfactory.resources.importers.common import Source, plain_text, urls_in
from envfactory.resources.model import Provenance, Resource, Section
from envfactory.resources.tolerant import Notes, first_sentence

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_HTML_START = re.compile(r"\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_HTML_TAG = re.compile(r"<([/!?]?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_SPACE = re.compile(r"\s+")
_RAW_TEXT_ENDS = {tag: re.compile(f"</{tag}", re.IGNORECASE) for tag in ("script", "style")}
_SPEC_LINK = re.compile(
    r"""(?:spec-url|data-url|\burl)\s*[=:]\s*["']([^"']{1,300}\.(?:json|ya?ml))["']""", re.IGNORECASE
)
_SKIPPED = frozenset({"script", "style", "nav", "footer", "aside", "svg", "noscript", "template"})
_BLOCKS = frozenset(
    {"p", "div", "tr", "ul", "ol", "table", "pre", "section", "article", "br", "dt", "dd", "blockquote"}
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


def looks_like_html(text: str) -> bool:
    return _HTML_START.match(text[:4000]) is not None


def looks_like_markdown(text: str) -> bool:
    """Whether there is a heading outside fenced code, and something under it."""
    return len([section for section in split_markdown(text) if section.level and section.text]) > 0


def read_page(text: str, source: Source, notes: Notes, *, is_html: bool) -> Resource:
    """A page as sections; ResourceError where it holds no text."""
    sections = split_html(text) if is_html else split_markdown(text)
    if not any(section.text for section in sections):
        raise ResourceError(
            "the page holds no text", remedy="a page built by scripts must be saved from a browser first"
        )
    if is_html and (spec := _SPEC_LINK.search(text)):
        notes.add(f"the page shows a machine-readable document; give that instead: {spec.group(1)}")
    top = min((section.level for section in sections if section.level), default=0)
    title = next((section.heading for section in sections if section.level == top and section.heading), "untitled")
    provenance = Provenance(
        source=source.name,
        sha256=source.sha256,
        format="html" if is_html else "markdown",
        title=title,
        urls=urls_in(source.name),
    )
    body = next(section.text for section in sections if section.text)
    return Resource(
        provenance=provenance, title=title, summary=first_sentence(body), sections=sections, warnings=notes.messages()
    )


def operations_need_model(resource: Resource) -> bool:
    """Whether only a language model can say what operations the resource describes."""
    return bool(resource.sections) and not resource.operations


def require_operations(resource: Resource) -> Resource:
    """The resource itself where a program can work with it, else ResourceError with the reason."""
    if resource.operations:
        return resource
    name = resource.provenance.source
    if not operations_need_model(resource):
        raise ResourceError(f"{name}: the document describes no operation", remedy="give one that does")
    links = [warning for warning in resource.warnings if "machine-readable document" in warning]
    raise ResourceError(
        f"{name}: a documentation page has no machine-readable operations",
        remedy="; ".join(
            [
                "configure a language model for the explorer, or give a machine-readable document of the API",
                *links,
            ]
        ),
    )


def split_markdown(text: str) -> list[Section]:
    """Sections by ATX (`##`) and setext (underlined) headings; fenced code is never a heading."""
    sections: list[Section] = []
    heading, level, lines, fence = "", 0, list[str](), ""
    for line in text.splitlines():
        fence = _fence_after(line, fence)
        found = None if fence else _heading(line, lines)
        if found is None:
            lines.append(line)
            continue
        _append(sections, heading, level, "\n".join(lines[:-1] if found[2] else lines))
        heading, level, lines = found[0], found[1], []
    _append(sections, heading, level, "\n".join(lines))
    return sections


def _fence_after(line: str, fence: str) -> str:
    """The fence that is open after `line`; a fence closes with at least as many of its own character."""
    match = _FENCE.match(line)
    if match is None:
        return fence
    if not fence:
        return match.group(1)
    return "" if line.strip().startswith(fence) else fence


def _heading(line: str, before: list[str]) -> tuple[str, int, bool] | None:
    """Heading text, level, and whether the text is the line before."""
    if match := _ATX.match(line):
        return (match.group(2) or "").strip(), len(match.group(1)), False
    previous = before[-1].strip() if before else ""
    alone = len(before) < 2 or not before[-2].strip()
    if previous and alone and "|" not in previous and not previous.startswith(("-", "*", ">")) and _SETEXT.match(line):
        return previous, 1 if "=" in line else 2, True
    return None


def _append(sections: list[Section], heading: str, level: int, text: str) -> None:
    text = text.strip()
    if heading or text:
        sections.append(Section(heading=plain_text(heading), level=level, text=text))


def split_html(text: str) -> list[Section]:
    """Sections by h1 to h6; navigation and scripts are left out, table cells are parted by bars."""
    reader = _PageReader()
    for tag, closing, data in html_tokens(text):
        if not tag:
            reader.data(data)
        elif closing:
            reader.end(tag)
        else:
            reader.start(tag)
    reader.end_section()
    return reader.sections


def html_tokens(text: str) -> Iterator[tuple[str, bool, str]]:
    """(tag, whether it closes, "") for each tag and ("", False, text) for what is between, in one pass over any
    input.

    The standard parser takes quadratic time on unclosed tags, so that one megabyte from a stranger could hold a run
    for hours.
    """
    position = 0
    while position < len(text):
        if text.startswith("<!--", position):
            position = _after(text, "-->", position)
        elif (match := _HTML_TAG.match(text, position)) is not None:
            tag, closing = match.group(2).lower(), bool(match.group(1))
            yield tag, closing, ""
            position = match.end() if closing else _after_raw_text(text, tag, match.end())
        else:
            found = text.find("<", position + 1)
            following = len(text) if found < 0 else found
            yield "", False, html.unescape(text[position:following])
            position = following


def _after(text: str, end: str, position: int) -> int:
    found = text.find(end, position)
    return len(text) if found < 0 else found + len(end)


def _after_raw_text(text: str, tag: str, position: int) -> int:
    """Past the content of a script or style element, which is no markup."""
    if tag not in _RAW_TEXT_ENDS:
        return position
    end = _RAW_TEXT_ENDS[tag].search(text, position)
    return end.start() if end else len(text)


class _PageReader:
    """Collects sections from a stream of tags and text."""

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self._heading: list[str] = []
        self._level = 0
        self._text: list[str] = []
        self._skipping = 0
        self._in_heading = False
        self._in_pre = False

    def start(self, tag: str) -> None:
        self._in_pre = self._in_pre or tag == "pre"
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag in _HEADINGS and not self._skipping:
            self.end_section()
            self._level, self._in_heading = _HEADINGS[tag], True
        elif tag == "li":
            self._text.append("\n- ")
        elif tag in _BLOCKS:
            self._text.append("\n")

    def end(self, tag: str) -> None:
        self._in_pre = self._in_pre and tag != "pre"
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag in _HEADINGS:
            self._in_heading = False
        elif tag in ("td", "th"):
            self._text.append(" | ")
        elif tag in _BLOCKS:
            self._text.append("\n")

    def data(self, data: str) -> None:
        if not self._skipping:
            text = data if self._in_pre else _SPACE.sub(" ", data)
            (self._heading if self._in_heading else self._text).append(text)

    def end_section(self) -> None:
        lines = (" ".join(line.split()) for line in "".join(self._text).splitlines())
        _append(self.sections, " ".join("".join(self._heading).split()), self._level, "\n".join(filter(None, lines)))
        self._heading, self._text, self._level, self._in_heading = [], [], 0, False
