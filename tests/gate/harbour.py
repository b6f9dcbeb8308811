"""A boat hire, written by hand: the environment the gate's own tests work on.

Eleven tools over eight tables. Contracts and code were written apart from each other, as two roles would, so that
neither is the print of the other. `environment(...)` puts the artefact together, with any part replaced.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from envfactory.environments.artefact import Environment, Manifest
from envfactory.environments.cases import Cases
from envfactory.environments.contract import Contracts

HERE = Path(__file__).parent / "boat_hire"
NOW = "2026-05-12T08:00:00Z"

_HARBOURS = [
    ("hb_porto", "Porto", "PT"),
    ("hb_split", "Split", "HR"),
    ("hb_sligo", "Sligo", "IE"),
    ("hb_kiel", "Kiel", "DE"),
]
_BOATS = [  # id, harbour, name, kind, berths, licence, cents a day, status
    ("bt_01", "hb_porto", "Albatroz", "sail", 6, 1, 21_950, "ready"),
    ("bt_02", "hb_porto", "Gaivota", "motor", 4, 0, 17_500, "ready"),
    ("bt_03", "hb_porto", "Sardinha", "rowing", 2, 0, 3_225, "ready"),
    ("bt_04", "hb_porto", "Mar Alto", "sail", 8, 1, 33_000, "service"),
    ("bt_05", "hb_split", "Bura", "sail", 6, 1, 24_375, "ready"),
    ("bt_06", "hb_split", "Maestral", "motor", 5, 1, 19_900, "ready"),
    ("bt_07", "hb_split", "Galeb", "rowing", 3, 0, 4_105, "ready"),
    ("bt_08", "hb_split", "Jugo", "motor", 4, 0, 17_500, "service"),
    ("bt_09", "hb_sligo", "Selkie", "sail", 4, 0, 15_333, "ready"),
    ("bt_10", "hb_sligo", "Curlew", "rowing", 2, 0, 2_875, "ready"),
    ("bt_11", "hb_sligo", "Gannet", "motor", 6, 1, 22_250, "ready"),
    ("bt_12", "hb_kiel", "Hanse", "sail", 8, 1, 31_499, "ready"),
    ("bt_13", "hb_kiel", "Moewe", "motor", 4, 0, 16_050, "ready"),
    ("bt_14", "hb_kiel", "Robbe", "rowing", 3, 0, 3_990, "ready"),
]
_CUSTOMERS = [  # id, name, e-mail, licence, club
    ("cu_01", "Ines Duarte", "ines.duarte@example.org", 1, 1),
    ("cu_02", "Marko Horvat", "marko.horvat@example.org", 1, 0),
    ("cu_03", "Aoife Byrne", "aoife.byrne@example.org", 0, 0),
    ("cu_04", "Jonas Petersen", "jonas.petersen@example.org", 1, 1),
    ("cu_05", "Luca Ferri", "luca.ferri@example.org", 0, 1),
    ("cu_06", "Hanna Virtanen", "hanna.virtanen@example.org", 0, 0),
    ("cu_07", "Petra Novak", "petra.novak@example.org", 1, 0),
    ("cu_08", "Tom O'Hara", "tom.ohara@example.org", 0, 0),
]
_GEAR = [  # id, harbour, name, stock, cents a hire
    ("gr_01", "hb_porto", "Paddle board", 5, 2_450),
    ("gr_02", "hb_porto", "Life jacket, child", 8, 375),
    ("gr_03", "hb_split", "Paddle board", 3, 2_990),
    ("gr_04", "hb_split", "Diving set", 4, 6_125),
    ("gr_05", "hb_sligo", "Wetsuit", 6, 1_595),
    ("gr_06", "hb_kiel", "Outboard motor", 2, 8_800),
    ("gr_07", "hb_kiel", "Life jacket, child", 7, 425),
]
_HIRES = [  # id, customer, boat, start, end, crew, status, notes
    ("hi_01", "cu_01", "bt_01", "2026-03-02", "2026-03-06", 4, "completed", None),
    ("hi_02", "cu_02", "bt_05", "2026-03-20", "2026-03-22", 2, "completed", "Late return agreed"),
    ("hi_03", "cu_03", "bt_09", "2026-04-01", "2026-04-05", 3, "completed", None),
    ("hi_04", "cu_04", "bt_12", "2026-04-11", "2026-04-18", 6, "completed", None),
    ("hi_05", "cu_05", "bt_02", "2026-04-25", "2026-04-26", 2, "completed", None),
    ("hi_06", "cu_06", "bt_03", "2026-04-30", "2026-05-02", 2, "cancelled", None),
    ("hi_07", "cu_01", "bt_05", "2026-05-10", "2026-05-14", 5, "confirmed", None),
    ("hi_08", "cu_02", "bt_01", "2026-05-11", "2026-05-13", 4, "confirmed", "Vegetarian stores"),
    ("hi_09", "cu_03", "bt_07", "2026-05-12", "2026-05-13", 1, "confirmed", None),
    ("hi_10", "cu_07", "bt_06", "2026-05-13", "2026-05-16", 4, "pending", None),
    ("hi_11", "cu_04", "bt_11", "2026-05-18", "2026-05-21", 3, "confirmed", None),
    ("hi_12", "cu_05", "bt_13", "2026-05-19", "2026-05-23", 4, "confirmed", None),
    ("hi_13", "cu_08", "bt_02", "2026-05-20", "2026-05-22", 3, "pending", None),
    ("hi_14", "cu_06", "bt_10", "2026-05-22", "2026-05-24", 1, "pending", "First time rowing"),
    ("hi_15", "cu_01", "bt_12", "2026-05-25", "2026-05-29", 8, "pending", None),
    ("hi_16", "cu_07", "bt_05", "2026-05-28", "2026-06-02", 6, "confirmed", None),
    ("hi_17", "cu_02", "bt_06", "2026-06-01", "2026-06-04", 2, "pending", None),
    ("hi_18", "cu_04", "bt_01", "2026-06-05", "2026-06-12", 6, "confirmed", None),
    ("hi_19", "cu_03", "bt_09", "2026-06-08", "2026-06-10", 2, "pending", None),
    ("hi_20", "cu_05", "bt_14", "2026-06-15", "2026-06-16", 2, "cancelled", None),
    ("hi_21", "cu_08", "bt_03", "2026-06-20", "2026-06-21", 1, "confirmed", None),
    ("hi_22", "cu_06", "bt_13", "2026-06-25", "2026-06-28", 3, "pending", None),
]
_HIRE_GEAR = [  # hire, gear, quantity
    ("hi_01", "gr_01", 1), ("hi_02", "gr_04", 2), ("hi_04", "gr_07", 2), ("hi_07", "gr_03", 1), ("hi_08", "gr_02", 3),
    ("hi_10", "gr_04", 2), ("hi_11", "gr_05", 3), ("hi_12", "gr_06", 2), ("hi_16", "gr_03", 2), ("hi_18", "gr_01", 3),
]  # fmt: skip
_RATINGS = [  # id, hire, stars, comment
    ("rt_01", "hi_01", 5, "Sails like a dream."), ("rt_02", "hi_02", 4, None), ("rt_03", "hi_03", 4, "Cosy."),
]  # fmt: skip
_HELD = ("pending", "confirmed")


def _days(start: str, end: str) -> int:
    from datetime import date

    return (date.fromisoformat(end) - date.fromisoformat(start)).days


def _hire(row: tuple[Any, ...], prices: dict[str, int], gear: dict[str, int]) -> dict[str, Any]:
    names = ("id", "customer_id", "boat_id", "start_date", "end_date", "crew", "status", "notes")
    hire = dict(zip(names, row, strict=True))
    extras = sum(gear[item] * quantity for owner, item, quantity in _HIRE_GEAR if owner == hire["id"])
    hire["total_cents"] = _days(hire["start_date"], hire["end_date"]) * prices[hire["boat_id"]] + extras
    hire["created_at"] = "2026-02-01T10:00:00Z"
    hire["cancelled_at"] = "2026-04-20T10:00:00Z" if hire["status"] == "cancelled" else None
    return hire


def _payments(hires: list[dict[str, Any]]) -> list[dict[str, Any]]:
    paid = []
    for number, hire in enumerate(hires, 1):
        if hire["status"] in ("confirmed", "completed", "cancelled"):
            row = {
                "hire_id": hire["id"],
                "method": "card",
                "amount_cents": hire["total_cents"],
                "paid_at": "2026-02-02T09:00:00Z",
            }
            paid.append({"id": f"pm_{number:02d}c", "kind": "charge", **row})
            if hire["status"] == "cancelled":
                paid.append({"id": f"pm_{number:02d}r", "kind": "refund", **row})
    return paid


def _boats() -> list[dict[str, Any]]:
    owners = {row[0]: row[2] for row in _HIRES}
    names = ("id", "harbour_id", "name", "kind", "berths", "licence_required", "day_cents", "status")
    boats = []
    for row in _BOATS:
        stars = [star for _, hire, star, _ in _RATINGS if owners[hire] == row[0]]
        rating = float(sum(stars)) / len(stars) if stars else None
        boats.append({**dict(zip(names, row, strict=True)), "rating": rating, "rating_count": len(stars)})
    return boats


def seed_rows() -> dict[str, list[dict[str, Any]]]:
    """Return the seed: literal facts, with totals, stocks, payments and ratings that follow from them."""
    status = {row[0]: row[6] for row in _HIRES}
    held = {item: sum(q for hire, g, q in _HIRE_GEAR if g == item and status[hire] in _HELD) for item, *_ in _GEAR}
    hires = [_hire(row, {b[0]: b[6] for b in _BOATS}, {g[0]: g[4] for g in _GEAR}) for row in _HIRES]
    return {
        "harbours": [dict(zip(("id", "name", "country"), row, strict=True)) for row in _HARBOURS],
        "boats": _boats(),
        "customers": [dict(zip(("id", "name", "email", "licence", "club"), row, strict=True)) for row in _CUSTOMERS],
        "gear": [
            {"id": i, "harbour_id": h, "name": n, "stock": s, "free": s - held[i], "price_cents": p}
            for i, h, n, s, p in _GEAR
        ],
        "hires": hires,
        "hire_gear": [{"hire_id": h, "gear_id": g, "quantity": q} for h, g, q in _HIRE_GEAR],
        "payments": _payments(hires),
        "ratings": [
            {"id": i, "hire_id": h, "stars": s, "comment": c, "created_at": "2026-04-28T18:00:00Z"}
            for i, h, s, c in _RATINGS
        ],
    }


def contracts() -> Contracts:
    """Return the contracts, written by hand in boat_hire/contracts.json."""
    return Contracts.model_validate(json.loads((HERE / "contracts.json").read_text()))


def tools_source() -> str:
    """Return the code, written by hand in boat_hire/tools.py."""
    return (HERE / "tools.py").read_text()


def environment(**parts: Any) -> Environment:
    """Return the environment (unsealed, without stored cases); `parts` replace fields of it."""
    usual: dict[str, Any] = {
        "manifest": Manifest(name="boat_hire", domain="travel", summary="Hire boats and gear at four harbours."),
        "schema_sql": (HERE / "schema.sql").read_text(),
        "seed_rows": seed_rows(),
        "contracts": contracts(),
        "tools_source": tools_source(),
        "cases": Cases(),
    }
    return Environment(**{**usual, **parts})
