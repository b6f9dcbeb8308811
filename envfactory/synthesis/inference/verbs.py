"""What verbs do to a state: the dictionary behind operation kinds and actions.

A verb is either one of the five ways to handle a record (list, get, create, update, delete), or it moves a record from one
state to another. Verbs that come in pairs switch a state on and off; single ones are steps of a life cycle. What is not in the
dictionary has no known effect, and its operation is left out rather than guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["list", "get", "create", "update", "delete", "action", "link", "unlink", "unknown"]

KINDS: dict[str, Kind] = {
    **dict.fromkeys(("list", "search", "find", "query", "browse", "all", "index", "filter"), "list"),
    **dict.fromkeys(
        ("get", "fetch", "read", "show", "retrieve", "describe", "one", "view", "lookup", "retrive"), "get"
    ),
    **dict.fromkeys(("create", "add", "insert", "post", "new", "register", "place", "make", "record"), "create"),
    **dict.fromkeys(
        ("update", "patch", "edit", "modify", "change", "put", "rename", "replace", "reschedule"), "update"
    ),
    **dict.fromkeys(("delete", "remove", "destroy", "drop", "erase"), "delete"),
    **dict.fromkeys(("associate", "attach", "assign", "link", "join"), "link"),
    **dict.fromkeys(("disassociate", "detach", "unassign", "unlink", "leave", "dissociate"), "unlink"),
}

CREATING_STEPS = frozenset({"send", "submit", "start", "schedule", "invite", "book", "reserve", "upload"})


@dataclass(frozen=True)
class Switch:
    """A state that one verb switches on and another off. `on_at_first` is the state of a new record."""

    state: str
    on: tuple[str, ...]
    off: tuple[str, ...] = ()
    on_at_first: bool = False
    share: float = 0.25
    antonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepVerb:
    """A step of a life cycle: the state it leads to, the states it may depart from (in order of preference), and whether
    the story ends there."""

    state: str
    departs: tuple[str, ...]
    ends: bool = False


SWITCHES: tuple[Switch, ...] = (
    Switch("archived", ("archive",), ("unarchive",)),
    Switch("trashed", ("trash", "bin"), ("untrash", "restore", "undelete")),
    Switch("locked", ("lock",), ("unlock",)),
    Switch("pinned", ("pin",), ("unpin",)),
    Switch("starred", ("star", "favourite", "favorite"), ("unstar", "unfavourite", "unfavorite")),
    Switch("hidden", ("hide",), ("unhide",)),
    Switch("muted", ("mute",), ("unmute",)),
    Switch("blocked", ("block", "ban"), ("unblock", "unban")),
    Switch("silenced", ("silence",), ("unsilence",)),
    Switch("suspended", ("suspend",), ("unsuspend", "reinstate")),
    Switch("enabled", ("enable",), ("disable",), True, 0.7, ("disabled",)),
    Switch("active", ("activate",), ("deactivate",), True, 0.7, ("inactive",)),
    Switch("published", ("publish",), ("unpublish",), False, 0.5),
    Switch("paused", ("pause",), ("resume",)),
    Switch("followed", ("follow",), ("unfollow",)),
    Switch("subscribed", ("subscribe",), ("unsubscribe",)),
    Switch("liked", ("like",), ("unlike",)),
    Switch("bookmarked", ("bookmark",), ("unbookmark",)),
    Switch("borrowed", ("borrow",), ("return",), False, 0.4),
    Switch("shared", ("share",), ("unshare",)),
    Switch("registered", ("register",), ("deregister", "unregister"), False, 0.6),
    Switch("verified", ("verify",), (), False, 0.5),
    Switch("acknowledged", ("acknowledge", "ack"), ()),
    Switch("saved", ("save",), ("unsave",)),
    Switch("claimed", ("claim",), ("release", "unclaim")),
    Switch("anonymized", ("anonymize", "anonymise"), ()),
    Switch("elevated", ("elevate",), ()),
    Switch("checked_in", ("checkin",), ("checkout",)),
)

_OPEN = (
    "pending",
    "open",
    "new",
    "created",
    "requested",
    "in_progress",
    "active",
    "submitted",
    "sent",
    "draft",
    "placed",
    "scheduled",
)
_LIVE = (
    "active",
    "confirmed",
    "scheduled",
    "queued",
    "approved",
    "running",
    "paused",
    "sending",
    "unpaid",
    "on_hold",
    *_OPEN,
)

STEPS: dict[str, StepVerb] = {
    "send": StepVerb("sent", ("draft", "scheduled", "created", "new", "pending")),
    "submit": StepVerb("submitted", ("draft", "created", "new", "open")),
    "publish": StepVerb("published", ("draft", "unpublished", "scheduled")),
    "approve": StepVerb("approved", _OPEN),
    "decline": StepVerb("declined", _OPEN, ends=True),
    "reject": StepVerb("rejected", _OPEN, ends=True),
    "accept": StepVerb("accepted", _OPEN),
    "confirm": StepVerb("confirmed", ("on_hold", "pending", "open", "requested", "new", "created", "placed")),
    "cancel": StepVerb("cancelled", _LIVE, ends=True),
    "complete": StepVerb("completed", (*_LIVE, "started"), ends=True),
    "finish": StepVerb("finished", (*_LIVE, "started"), ends=True),
    "close": StepVerb("closed", (*_LIVE, "resolved"), ends=True),
    "reopen": StepVerb("open", ("closed", "resolved", "completed")),
    "resolve": StepVerb("resolved", _OPEN),
    "dismiss": StepVerb("dismissed", _OPEN, ends=True),
    "pay": StepVerb("paid", ("unpaid", "sent", "partially_paid", *_OPEN)),
    "ship": StepVerb("shipped", ("paid", "confirmed", "approved", "placed", *_OPEN)),
    "deliver": StepVerb("delivered", ("shipped", "in_transit", "sent"), ends=True),
    "refund": StepVerb("refunded", ("paid", "completed", "captured"), ends=True),
    "void": StepVerb("voided", ("authorized", "unpaid", *_OPEN), ends=True),
    "merge": StepVerb("merged", ("open", "draft", "approved"), ends=True),
    "stop": StepVerb("stopped", ("running", "started", "enabled", "active", *_OPEN), ends=True),
    "start": StepVerb("started", ("pending", "scheduled", "created", "new", "stopped")),
    "revoke": StepVerb("revoked", _LIVE, ends=True),
    "expire": StepVerb("expired", _LIVE, ends=True),
    "end": StepVerb("ended", _LIVE, ends=True),
}

# The state a record is in before any step, where a status has to be added.
FIRST_STATE = {
    "send": "draft",
    "submit": "draft",
    "publish": "draft",
    "approve": "pending",
    "decline": "pending",
    "reject": "pending",
    "accept": "pending",
    "confirm": "pending",
    "pay": "unpaid",
    "ship": "paid",
    "merge": "open",
    "resolve": "open",
    "dismiss": "open",
    "close": "open",
    "start": "pending",
}

TERMINAL_WORDS = frozenset(
    "cancelled canceled completed complete delivered refunded expired rejected declined failed closed voided void merged revoked "
    "finished ended terminated dismissed resolved deleted disposed redeemed returned stopped archived paid".split()
)
INITIAL_WORDS = (
    "draft",
    "on_hold",
    "pending",
    "new",
    "created",
    "open",
    "requested",
    "scheduled",
    "placed",
    "unpaid",
    "submitted",
    "queued",
    "active",
    "available",
    "enabled",
    "confirmed",
    "needs_action",
    "not_started",
    "todo",
    "in_progress",
    "registered",
    "running",
)

_SAME_STATE = {
    "canceled": "cancelled",
    "canceling": "cancelled",
    "cancelling": "cancelled",
    "complete": "completed",
    "close": "closed",
    "void": "voided",
    "publish": "published",
    "on_hold": "on_hold",
    "denied": "declined",
}


def state_word(value: str) -> str:
    """A state in one spelling: CANCELED and cancelled are the same."""
    spelled = "_".join(value.replace("-", "_").replace(" ", "_").lower().split("_"))
    return _SAME_STATE.get(spelled, spelled)


def switch_of(verb: str) -> tuple[Switch, bool] | None:
    """The switch a verb turns, and whether it turns it on."""
    for switch in SWITCHES:
        if verb in switch.on:
            return switch, True
        if verb in switch.off:
            return switch, False
    return None


def is_action(verb: str) -> bool:
    """Whether the verb changes a state in a way the dictionary knows."""
    return verb in STEPS or switch_of(verb) is not None


def is_verb(word: str) -> bool:
    """Whether the word can be an operation's verb at all."""
    return word in KINDS or is_action(word) or word in CREATING_STEPS
