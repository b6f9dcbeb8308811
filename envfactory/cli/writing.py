"""Pages as files: what `--html FILE` of several commands does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

    from envfactory.pages.bodies import Bodies


def write_page(file: Path, title: str, make: Callable[[Bodies], Markup]) -> None:
    """Write one self-contained page and say where it is. `make` puts its long texts into the bodies it is given."""
    from envfactory.cli.verify import at_work
    from envfactory.environments.files import write_atomically
    from envfactory.pages.bodies import Packed
    from envfactory.pages.document import document

    with at_work() as notice:
        notice(f"writing the page of {title}")
        bodies = Packed()
        content = make(bodies)
        data = document(title, content, bodies.packs()).encode()
        write_atomically(file, data)
    print(f"{file}: {len(data) / 1e6:.1f} MB; open it in a browser")
