"""Write catalogue documents without their business rules: what a capable model was given to think of the rules itself.

    python tests/recordings/strip.py lifestyle/gym_classes office/meeting_rooms commerce/subscription_boxes

The recording answers to the bytes of these documents, so they are kept beside it and not made anew for a replay.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from envfactory.resources import catalogue

FOLDER = Path(__file__).with_name("documents")


def stripped(value: Any) -> Any:
    """Return a document's tree without `x-env`, wherever it stands."""
    if isinstance(value, dict):
        return {key: stripped(item) for key, item in value.items() if key != "x-env"}
    return [stripped(item) for item in value] if isinstance(value, list) else value


def main(names: list[str]) -> None:
    """Write each entry's document into FOLDER, under the entry's own name."""
    FOLDER.mkdir(exist_ok=True)
    for name in names:
        entry = catalogue.find(name)
        tree = stripped(yaml.safe_load(entry.read_bytes()))
        text = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=120)
        (FOLDER / f"{entry.name}.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
