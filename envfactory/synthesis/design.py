"""The schema designer's product: schema, seed rows and contracts of one environment."""

from __future__ import annotations

from typing import Any

from envfactory.environments.contract import Contracts, Strict


class Design(Strict):
    """What an environment is made of before there is code. `notes` say what its author wants known."""

    schema_sql: str
    seed_rows: dict[str, list[dict[str, Any]]]
    contracts: Contracts
    notes: list[str] = []
