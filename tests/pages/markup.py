"""A page as a browser's parser would take it apart, as far as the standard library's parser does."""

from __future__ import annotations

from html.parser import HTMLParser


class Markup(HTMLParser):
    """Tags with their attributes, scripts apart, and the text outside of them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._pieces: list[str] = []
        self._inside: str | None = None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag if tag in ("script", "style") else None
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside is None:
            self.text += data
            self._pieces.append(data)

    @property
    def references(self) -> list[str]:
        """The references of all long texts, those that stand in a step's one attribute included."""
        lines = [line for said in self.attributes("data-said") for line in said.split("\n")]
        return self.attributes("data-ref") + [line.split()[0] for line in lines]

    @property
    def words(self) -> str:
        """The text with single spaces, one between the texts of any two tags."""
        return " ".join(" ".join(self._pieces).split())

    def attributes(self, name: str) -> list[str]:
        """Return the values of an attribute, wherever it stands."""
        return [value or "" for _, attributes in self.tags for key, value in attributes.items() if key == name]
