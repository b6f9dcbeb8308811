"""The run folder's store of intermediate products, by content: state holds names, files hold products.

Writing the same product twice writes the same file, so a step repeated after a kill changes nothing.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from envfactory.environments.files import readable_json, write_atomically
from envfactory.errors import ArtefactError

Product = TypeVar("Product", bound=BaseModel)


class Store:
    """Products under `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, product: BaseModel, *, readable: bool = True) -> str:
        """Keep a product and return its name. What is large and for programs only is kept compact."""
        if readable:
            data = readable_json(product.model_dump(mode="json", by_alias=True, exclude_defaults=True))
        else:
            data = product.model_dump_json(by_alias=True, exclude_defaults=True).encode()
        name = f"{type(product).__name__.lower()}-{hashlib.sha256(data).hexdigest()[:20]}.json"
        if not (self._folder / name).exists():
            write_atomically(self._folder / name, data)
        return name

    def get(self, name: str, kind: type[Product]) -> Product:
        """Return a kept product; ArtefactError where its file is gone."""
        try:
            return kind.model_validate_json((self._folder / name).read_bytes())
        except OSError as error:
            raise ArtefactError(f"{self._folder / name}: {error.strerror}", remedy="start the run anew") from error
