from __future__ import annotations

import pytest

from envfactory.errors import ResourceError
from envfactory.resources import import_document, operations_need_model, require_operations
from envfactory.resources.importers.pages import html_tokens, split_html, split_markdown
from tests.resources.documents import OPENAPI, imported

MARKDOWN = """Before.

# Lending API #

Lend books.

Loans
-----

| field | meaning |
|-------|---------|
| id    | number  |

```sh
# not a heading
curl /loans
```

### Returning

Send the id.
"""

HTML = """<!DOCTYPE html><html><head><title>x</title><style>h1 { color: red }</style></head><body>
<nav><h2>Menu</h2><a href="/">Home</a></nav>
<h1>Lending &amp; <em>returning</em></h1><p>Lend
books.</p><script>if (a < b) { document.write("<h2>no</h2>") }</script>
<h2 id="loans">Loans</h2><table><tr><th>field</th><th>meaning</th></tr><tr><td>id</td><td>number</td></tr></table>
<ul><li>one<li>two</ul><pre>a\nb</pre><!-- <h2>hidden</h2> --></body></html>"""


def test_markdown_is_cut_at_its_headings() -> None:
    sections = split_markdown(MARKDOWN)

    assert [(each.heading, each.level) for each in sections] == [
        ("", 0),
        ("Lending API", 1),
        ("Loans", 2),
        ("Returning", 3),
    ]
    assert "# not a heading" in sections[2].text
    assert sections[1].text == "Lend books."


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("a | b\n------\n1 | 2", [""]),  # a table, not a heading
        ("- item\n---\n", [""]),
        ("Title\n===\ntext", ["Title"]),
        ("#no space", [""]),
        ("    # code", [""]),
        ("```\n# a\n~~~\n# b\n```\n# c", ["", "c"]),
        ("# a\n# b", ["a", "b"]),
    ],
)
def test_what_is_a_heading(text: str, headings: list[str]) -> None:
    assert [each.heading for each in split_markdown(text)] == headings


def test_html_is_cut_at_its_headings() -> None:
    sections = split_html(HTML)

    assert [(each.heading, each.level, each.text) for each in sections if each.level] == [
        ("Lending & returning", 1, "Lend books."),
        ("Loans", 2, "field | meaning |\nid | number |\n- one\n- two\na\nb"),
    ]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("<b>x</b>", [("b", False, ""), ("", False, "x"), ("b", True, "")]),
        ("a < b &lt; c", [("", False, "a "), ("", False, "< b < c")]),
        ("<!-- a > b -->x", [("", False, "x")]),
        ("<!-- never closed <b>", []),
        ("<script>a<b</SCRIPT>x", [("script", False, ""), ("script", True, ""), ("", False, "x")]),
        ("<script>never closed <b>", [("script", False, "")]),
        ('<a href="x', [("", False, '<a href="x')]),
        ("İ<b>", [("", False, "İ"), ("b", False, "")]),
    ],
)
def test_html_tokens(text: str, tokens: list[tuple[str, bool, str]]) -> None:
    assert list(html_tokens(text)) == tokens


def test_a_page_has_sections_and_no_operations() -> None:
    resource = imported(MARKDOWN, source="docs/lending.md")

    assert (resource.title, resource.provenance.format, resource.operations) == ("Lending API", "markdown", [])
    assert resource.summary == "Before."
    assert operations_need_model(resource)


@pytest.mark.parametrize(
    ("data", "source", "hint", "kind"),
    [
        (HTML, "https://x.example/docs", None, "html"),
        ("plain words", "https://x.example/docs", "text/html; charset=utf-8", "html"),
        ("plain words", "README.md", None, "markdown"),
        ("plain words", "https://x.example/README.md?raw=1", None, "markdown"),
        ("plain words", "x", "text/markdown", "markdown"),
        ("# Title\n\n* text: *emphasis*\n", "notes.txt", None, "markdown"),
    ],
)
def test_pages_are_known_by_name_media_type_or_look(data: str, source: str, hint: str | None, kind: str) -> None:
    resource = import_document(data.encode("utf-8"), source=source, media_hint=hint)

    assert resource.provenance.format == kind
    assert resource.sections


def test_programs_refuse_a_page_and_say_what_would_help() -> None:
    resource = imported(MARKDOWN, source="lending.md")

    with pytest.raises(ResourceError, match="documentation page has no machine-readable operations") as caught:
        require_operations(resource)

    assert "configure a language model for the explorer" in caught.value.remedy


def test_a_page_that_shows_a_document_names_it() -> None:
    page = '<html><h1>API</h1><p>Below.</p><redoc spec-url="https://x.example/openapi.yaml"></redoc></html>'

    with pytest.raises(ResourceError) as caught:
        require_operations(imported(page, source="docs.html"))

    assert "https://x.example/openapi.yaml" in caught.value.remedy


def test_a_document_with_operations_needs_no_model() -> None:
    resource = imported(OPENAPI)

    assert not operations_need_model(resource)
    assert require_operations(resource) is resource


def test_a_document_without_operations_is_refused_for_that_reason() -> None:
    resource = imported({"openapi": "3.0.0", "paths": {}})

    assert not operations_need_model(resource)
    with pytest.raises(ResourceError, match="describes no operation"):
        require_operations(resource)
