"""The one place that says what training needs and is not installed: a line with the command that mends it."""

from __future__ import annotations

from importlib.util import find_spec

from envfactory.errors import UserError

TRAIN = ("torch", "transformers", "trl", "accelerate", "datasets", "peft")
INSTALL = "pip install 'envfactory[train]'"


def require(what: str, packages: tuple[str, ...] = TRAIN, remedy: str = INSTALL) -> None:
    """Raise UserError where one of `packages` is not installed; `what` is what they are needed for."""
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise UserError(f"{what} needs {', '.join(missing)}", remedy=remedy)
