"""Resources: authentic API documents, read into one format-neutral model.

`load` takes a file, a URL, an installed package's document or a catalogue entry; `import_document` takes bytes.
"""

from envfactory.resources.importers import import_document, operations_need_model, require_operations
from envfactory.resources.model import (
    Body,
    ErrorShape,
    Operation,
    Parameter,
    Provenance,
    Resource,
    Response,
    Section,
)

__all__ = [
    "Body",
    "ErrorShape",
    "Operation",
    "Parameter",
    "Provenance",
    "Resource",
    "Response",
    "Section",
    "import_document",
    "operations_need_model",
    "require_operations",
]
