"""A whole page: markup with everything escaped once, our own style and script inside it, and a policy that runs nothing else.

Whatever a model or a document said reaches the markup through Jinja's autoescaping or is put in as text by the script;
the Content-Security-Policy names the hashes of our one style and one script, so that even markup that slipped through
could load and run nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from envfactory.pages import amounts
from envfactory.pages.bodies import Bodies, Body


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("envfactory", "pages/templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("duration", "span", "moment", "money", "count", "size"):
        made.filters[name] = getattr(amounts, name)
    return made


@cache
def _asset(name: str) -> str:
    return files("envfactory.pages").joinpath("assets", name).read_text(encoding="utf-8")


def fragment(template: str, bodies: Bodies, **facts: Any) -> Markup:
    """Return a template filled with facts; in it, `put(body)` gives the reference of a long text."""

    def put(body: Body) -> str:
        return bodies.put(body)

    return Markup(_clean(_templates().get_template(f"{template}.html").render(put=put, **facts)))


def document(
    title: str, content: Markup, packs: Iterable[str] = (), *, served: bool = False, live: bool = False
) -> str:
    """Return a page with `content`. `served` pages fetch long texts from where they come from, `live` ones also refresh."""
    style, script = _asset("page.css"), _asset("page.js")
    return (
        _templates()
        .get_template("document.html")
        .render(
            title=_clean(title),
            content=content,
            policy=policy(served=served),
            style=Markup(style),
            script=Markup(script),
            packs=packs,
            served=served,
            live=live,
        )
    )


def policy(*, served: bool = False) -> str:
    """Return the Content-Security-Policy of a page: our own style and script by hash, nothing else from anywhere."""
    own = {name: _hashed(_asset(f"page.{name}")) for name in ("css", "js")}
    connect = "'self'" if served else "'none'"
    return (
        f"default-src 'none'; style-src '{own['css']}'; script-src '{own['js']}'; connect-src {connect}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hashed(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _clean(text: str) -> str:
    """Replace what UTF-8 cannot hold, lone surrogates, so that a page can always be written."""
    return text.encode(errors="replace").decode()
