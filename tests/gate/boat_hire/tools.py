"""Tools of the boat hire."""

from __future__ import annotations

from datetime import date
from typing import Any


def _days(start_date: str, end_date: str) -> int:
    return (date.fromisoformat(end_date) - date.fromisoformat(start_date)).days


def _hire(context: Context, hire_id: str) -> dict[str, Any]:
    hire = context.one("SELECT * FROM hires WHERE id = :id", id=hire_id)
    if hire is None:
        raise ToolError("HIRE_NOT_FOUND", "There is no such hire.")
    return hire


def _own_hire(context: Context, hire_id: str, customer_id: str) -> dict[str, Any]:
    hire = _hire(context, hire_id)
    if hire["customer_id"] != customer_id:
        raise ToolError("NOT_YOUR_HIRE", "This hire belongs to another customer.")
    return hire


def _customer(context: Context, customer_id: str) -> dict[str, Any]:
    customer = context.one("SELECT * FROM customers WHERE id = :id", id=customer_id)
    if customer is None:
        raise ToolError("CUSTOMER_NOT_FOUND", "There is no such customer.")
    return customer


def _check_range(start_date: str, end_date: str) -> None:
    if end_date <= start_date:
        raise ToolError("INVALID_RANGE", "The return lies after the start.")


def search_boats(
    context: Context,
    *,
    harbour: str,
    start_date: str,
    end_date: str,
    kind: str | None,
    min_berths: int,
    max_day_cents: int | None,
    limit: int,
) -> dict[str, Any]:
    place = context.one("SELECT id FROM harbours WHERE name = :name", name=harbour)
    if place is None:
        raise ToolError("HARBOUR_NOT_FOUND", "There is no such harbour.")
    _check_range(start_date, end_date)
    days = _days(start_date, end_date)
    boats = context.all(
        """
        SELECT b.id AS boat_id, b.name, b.kind, b.berths, b.licence_required, b.day_cents
        FROM boats b
        WHERE b.harbour_id = :harbour_id AND b.status = 'ready' AND b.berths >= :min_berths
          AND (:kind IS NULL OR b.kind = :kind)
          AND (:max_day_cents IS NULL OR b.day_cents <= :max_day_cents)
          AND b.id NOT IN (
            SELECT boat_id FROM hires
            WHERE status <> 'cancelled' AND start_date < :end_date AND end_date > :start_date)
        ORDER BY b.day_cents, b.id
        LIMIT :limit
        """,
        harbour_id=place["id"],
        min_berths=min_berths,
        kind=kind,
        max_day_cents=max_day_cents,
        start_date=start_date,
        end_date=end_date,
        limit=limit,
    )
    for boat in boats:
        boat["licence_required"] = bool(boat["licence_required"])
        boat["total_cents"] = boat["day_cents"] * days
    return {"days": days, "boats": boats}


def get_boat(context: Context, *, boat_id: str) -> dict[str, Any]:
    boat = context.one(
        """
        SELECT b.id AS boat_id, b.name, h.name AS harbour, b.kind, b.berths, b.licence_required, b.day_cents,
               b.status, b.rating, b.rating_count
        FROM boats b JOIN harbours h ON h.id = b.harbour_id WHERE b.id = :boat_id
        """,
        boat_id=boat_id,
    )
    if boat is None:
        raise ToolError("BOAT_NOT_FOUND", "There is no such boat.")
    boat["licence_required"] = bool(boat["licence_required"])
    boat["gear"] = context.all(
        """
        SELECT g.id AS gear_id, g.name, g.free, g.price_cents
        FROM gear g JOIN boats b ON b.harbour_id = g.harbour_id
        WHERE b.id = :boat_id ORDER BY g.name, g.id
        """,
        boat_id=boat_id,
    )
    return boat


def compare_boats(context: Context, *, boat_ids: list[str]) -> dict[str, Any]:
    boats = []
    for boat_id in boat_ids:
        boat = context.one("SELECT id AS boat_id, name, berths, day_cents, rating FROM boats WHERE id = :id", id=boat_id)
        if boat is None:
            raise ToolError("BOAT_NOT_FOUND", "One of the boats does not exist.")
        boats.append(boat)
    cheapest = min(boats, key=lambda boat: (boat["day_cents"], boat["boat_id"]))
    return {"cheapest_boat_id": cheapest["boat_id"], "boats": boats}


def find_customer(context: Context, *, email: str) -> dict[str, Any]:
    customer = context.one("SELECT id, name, licence, club FROM customers WHERE email = :email", email=email)
    if customer is None:
        raise ToolError("CUSTOMER_NOT_FOUND", "There is no such customer.")
    return {
        "customer_id": customer["id"],
        "name": customer["name"],
        "licence": bool(customer["licence"]),
        "club": bool(customer["club"]),
    }


def list_hires(context: Context, *, customer_id: str, status: str | None) -> dict[str, Any]:
    _customer(context, customer_id)
    hires = context.all(
        """
        SELECT h.id AS hire_id, h.boat_id, b.name AS boat, h.start_date, h.end_date, h.status, h.total_cents
        FROM hires h JOIN boats b ON b.id = h.boat_id
        WHERE h.customer_id = :customer_id AND (:status IS NULL OR h.status = :status)
        ORDER BY h.start_date DESC, h.id
        """,
        customer_id=customer_id,
        status=status,
    )
    return {"hires": hires}


def get_hire(context: Context, *, hire_id: str, customer_id: str) -> dict[str, Any]:
    hire = _own_hire(context, hire_id, customer_id)
    gear = context.all(
        """
        SELECT g.id AS gear_id, g.name, x.quantity
        FROM hire_gear x JOIN gear g ON g.id = x.gear_id
        WHERE x.hire_id = :hire_id ORDER BY g.id
        """,
        hire_id=hire_id,
    )
    payments = context.all(
        "SELECT kind, method, amount_cents, paid_at FROM payments WHERE hire_id = :hire_id ORDER BY paid_at, id",
        hire_id=hire_id,
    )
    shown = ("boat_id", "start_date", "end_date", "crew", "status", "notes", "total_cents")
    return {"hire_id": hire["id"], **{name: hire[name] for name in shown}, "gear": gear, "payments": payments}


def book_boat(
    context: Context,
    *,
    customer_id: str,
    boat_id: str,
    start_date: str,
    end_date: str,
    crew: int,
    notes: str | None,
) -> dict[str, Any]:
    customer = _customer(context, customer_id)
    boat = context.one("SELECT * FROM boats WHERE id = :id", id=boat_id)
    if boat is None:
        raise ToolError("BOAT_NOT_FOUND", "There is no such boat.")
    if start_date < context.today:
        raise ToolError("DATE_IN_PAST", "The start lies in the past.")
    _check_range(start_date, end_date)
    days = _days(start_date, end_date)
    if days > 14:
        raise ToolError("TOO_LONG", "A hire lasts two weeks at most.")
    if boat["status"] != "ready":
        raise ToolError("BOAT_IN_SERVICE", "The boat is in service.")
    if crew > boat["berths"]:
        raise ToolError("CREW_TOO_LARGE", "The boat has too few berths.")
    if boat["licence_required"] and not customer["licence"]:
        raise ToolError("LICENCE_REQUIRED", "This boat needs a licence.")
    clashes = context.value(
        """
        SELECT COUNT(*) FROM hires
        WHERE boat_id = :boat_id AND status <> 'cancelled' AND start_date < :end_date AND end_date > :start_date
        """,
        boat_id=boat_id,
        start_date=start_date,
        end_date=end_date,
    )
    if clashes:
        raise ToolError("NOT_AVAILABLE", "The boat is taken on these days.")
    total_cents = days * boat["day_cents"]
    hire_id = context.new_id("hi")
    context.execute(
        """
        INSERT INTO hires (id, customer_id, boat_id, start_date, end_date, crew, status, notes, total_cents, created_at)
        VALUES (:id, :customer_id, :boat_id, :start_date, :end_date, :crew, 'pending', :notes, :total_cents, :created_at)
        """,
        id=hire_id,
        customer_id=customer_id,
        boat_id=boat_id,
        start_date=start_date,
        end_date=end_date,
        crew=crew,
        notes=notes,
        total_cents=total_cents,
        created_at=context.now,
    )
    return {"hire_id": hire_id, "status": "pending", "days": days, "total_cents": total_cents}


def confirm_hire(context: Context, *, hire_id: str, customer_id: str, method: str) -> dict[str, Any]:
    hire = _hire(context, hire_id)
    customer = _customer(context, customer_id)
    if hire["customer_id"] != customer_id:
        raise ToolError("NOT_YOUR_HIRE", "This hire belongs to another customer.")
    if hire["status"] != "pending":
        raise ToolError("INVALID_STATUS", "The hire is not pending.")
    if context.today > hire["start_date"]:
        raise ToolError("TOO_LATE", "The hire has begun.")
    if method == "invoice" and not customer["club"]:
        raise ToolError("METHOD_NOT_ALLOWED", "Only club members pay by invoice.")
    payment_id = context.new_id("pm")
    context.execute("UPDATE hires SET status = 'confirmed' WHERE id = :id", id=hire_id)
    context.execute(
        """
        INSERT INTO payments (id, hire_id, kind, method, amount_cents, paid_at)
        VALUES (:id, :hire_id, 'charge', :method, :amount_cents, :paid_at)
        """,
        id=payment_id,
        hire_id=hire_id,
        method=method,
        amount_cents=hire["total_cents"],
        paid_at=context.now,
    )
    return {"hire_id": hire_id, "status": "confirmed", "payment_id": payment_id, "paid_cents": hire["total_cents"]}


def add_gear(context: Context, *, hire_id: str, gear_id: str, quantity: int) -> dict[str, Any]:
    hire = _hire(context, hire_id)
    item = context.one("SELECT * FROM gear WHERE id = :id", id=gear_id)
    if item is None:
        raise ToolError("GEAR_NOT_FOUND", "There is no such gear.")
    if hire["status"] != "pending":
        raise ToolError("INVALID_STATUS", "The hire is not pending.")
    if context.value("SELECT harbour_id FROM boats WHERE id = :id", id=hire["boat_id"]) != item["harbour_id"]:
        raise ToolError("WRONG_HARBOUR", "The gear is at another harbour.")
    taken = context.one(
        "SELECT 1 AS found FROM hire_gear WHERE hire_id = :hire_id AND gear_id = :gear_id", hire_id=hire_id, gear_id=gear_id
    )
    if taken:
        raise ToolError("ALREADY_ADDED", "The hire has this gear already.")
    if quantity > item["free"]:
        raise ToolError("OUT_OF_STOCK", "There is not enough of it left.")
    added_cents = item["price_cents"] * quantity
    context.execute(
        "INSERT INTO hire_gear (hire_id, gear_id, quantity) VALUES (:hire_id, :gear_id, :quantity)",
        hire_id=hire_id,
        gear_id=gear_id,
        quantity=quantity,
    )
    context.execute("UPDATE gear SET free = free - :quantity WHERE id = :id", quantity=quantity, id=gear_id)
    context.execute("UPDATE hires SET total_cents = total_cents + :added WHERE id = :id", added=added_cents, id=hire_id)
    return {
        "hire_id": hire_id,
        "added_cents": added_cents,
        "total_cents": hire["total_cents"] + added_cents,
        "left": item["free"] - quantity,
    }


def cancel_hire(context: Context, *, hire_id: str, customer_id: str, reason: str | None) -> dict[str, Any]:
    hire = _own_hire(context, hire_id, customer_id)
    if hire["status"] not in ("pending", "confirmed"):
        raise ToolError("INVALID_STATUS", "The hire cannot be cancelled any more.")
    if context.today >= hire["start_date"]:
        raise ToolError("TOO_LATE", "The hire has begun.")
    charge = context.one(
        "SELECT SUM(amount_cents) AS cents, MAX(method) AS method FROM payments WHERE hire_id = :id AND kind = 'charge'", id=hire_id
    )
    paid = charge["cents"] or 0
    refund_cents = paid if _days(context.today, hire["start_date"]) >= 7 else paid // 2
    for held in context.all("SELECT gear_id, quantity FROM hire_gear WHERE hire_id = :id", id=hire_id):
        context.execute("UPDATE gear SET free = free + :quantity WHERE id = :id", quantity=held["quantity"], id=held["gear_id"])
    context.execute("DELETE FROM hire_gear WHERE hire_id = :id", id=hire_id)
    context.execute(
        "UPDATE hires SET status = 'cancelled', cancelled_at = :now, notes = COALESCE(:reason, notes) WHERE id = :id",
        now=context.now,
        reason=reason,
        id=hire_id,
    )
    refund_id = None
    if refund_cents > 0:
        refund_id = context.new_id("pm")
        context.execute(
            """
            INSERT INTO payments (id, hire_id, kind, method, amount_cents, paid_at)
            VALUES (:id, :hire_id, 'refund', :method, :amount_cents, :paid_at)
            """,
            id=refund_id,
            hire_id=hire_id,
            method=charge["method"],
            amount_cents=refund_cents,
            paid_at=context.now,
        )
    return {"hire_id": hire_id, "status": "cancelled", "refund_cents": refund_cents, "refund_id": refund_id}


def rate_boat(context: Context, *, hire_id: str, customer_id: str, stars: int, comment: str | None) -> dict[str, Any]:
    hire = _own_hire(context, hire_id, customer_id)
    if hire["status"] != "completed":
        raise ToolError("NOT_COMPLETED", "Only completed hires are rated.")
    if context.one("SELECT id FROM ratings WHERE hire_id = :hire_id", hire_id=hire_id):
        raise ToolError("ALREADY_RATED", "This hire has its rating.")
    rating_id = context.new_id("rt")
    context.execute(
        "INSERT INTO ratings (id, hire_id, stars, comment, created_at) VALUES (:id, :hire_id, :stars, :comment, :now)",
        id=rating_id,
        hire_id=hire_id,
        stars=stars,
        comment=comment,
        now=context.now,
    )
    mean = context.one(
        """
        SELECT ROUND(AVG(r.stars), 2) AS rating, COUNT(*) AS number
        FROM ratings r JOIN hires h ON h.id = r.hire_id WHERE h.boat_id = :boat_id
        """,
        boat_id=hire["boat_id"],
    )
    context.execute(
        "UPDATE boats SET rating = :rating, rating_count = :number WHERE id = :id",
        rating=mean["rating"],
        number=mean["number"],
        id=hire["boat_id"],
    )
    return {"rating_id": rating_id, "boat_id": hire["boat_id"], "boat_rating": mean["rating"]}
