"""What a person wants to know of a fact, as a clause: "when it leaves", "how much the deposit is".

The author's `wants` come first, then the fact's own sentence turned round, then names that people use themselves. Most
names of fields are no such words ("what the serial is"): for those there is no question, and the row is asked for instead.
"""

from __future__ import annotations

import re

from envfactory.phrasing.frames import ToolFrame
from envfactory.phrasing.lexicon import spaced
from envfactory.tasks.model import Fact

_ROUND: tuple[tuple[str, str], ...] = (
    (r"^(it|they|that|an? [\w ]+) (costs?|comes? to|pays?) \{money\}(.*)$", r"how much \1 \2\3"),
    (r"^that's \{money\}(.*)$", r"how much that is\1"),
    (r"^(the [\w ]+|it) (leaves|starts|ends|lands|arrives|begins|departs) at \{time\}$", r"when \1 \2"),
    (r"^it is expected at \{time\}$", r"when it is expected"),
    (r"^the (\w+) is at \{time\}$", r"when the \1 is"),
    (r"^(?:there are )?\{v\} (.+?) (?:are )?left$", r"how many \1 are left"),
    (r"^there are \{v\} left$", r"how many are left"),
    (r"^\{money\} is (left[\w ]*|owed)$", r"how much is \1"),
    (r"^\{v\} (teaches it|will decide on it)$", r"who \1"),
    (r"^it is taught by \{v\}$", r"who teaches it"),
    (r"^(it|the [\w ]+|your [\w ]+) (?:is|runs|are)(?: valid)? until \{date\}$", r"until when \1 is valid"),
    (r"^it can be (.+) until \{date\}$", r"until when it can be \1"),
    (r"^(the [\w ]+|your [\w ]+) is \{money\}$", r"how much \1 is"),
    (r"^(the [\w ]+|your [\w ]+) is (?:on |at )?\{(?:time|date)\}$", r"when \1 is"),
    (r"^(your [\w ]+) is \{v\}$", r"what \1 is"),
    (r"^it takes \{v\} (\w+)$", r"how many \1 it takes"),
    (r"^you (still owe|get back|owe) \{money\}$", r"how much you \1"),
    (r"^you have \{v\} (\w+)$", r"how many \1 you have"),
    (r"^you meet at \{v\}$", r"where we meet"),
    (r"^you sit \{v\}$", r"where we sit"),
)
_MINE = ((r"\byour\b", "my"), (r"\byou're\b", "I'm"), (r"\byou\b", "I"))


def embedded(tool: ToolFrame, fact: Fact) -> str:
    """Return what a person wants to know of a fact, as a clause: `when it leaves`; empty where nobody would ask for it."""
    wanted = [each for each in tool.wants.get(fact.name, ()) if not each.endswith("?")]
    if wanted:
        asked = re.sub(r"\{\w+\}", "it", wanted[0].split("|")[0].strip())
        return re.sub(r"\bthe (\w+) of it\b", r"its \1", asked)
    said = tool.facts.get(fact.name, "")
    for form, turned in _ROUND:
        if re.search(form, said):
            out = re.sub(form, turned, said)
            for theirs, mine in _MINE:
                out = re.sub(theirs, mine, out)
            return out
    return _by_name(fact)


_SUMS = {
    "price": "what it costs",
    "cost": "what it costs",
    "fare": "what it costs",
    "total": "what it comes to altogether",
    "paid": "how much I've paid",
    "refund": "how much I'd get back",
    "balance": "how much is still to pay",
    "fees": "what the fees come to",
}
_CHARGES = re.compile(r"(?:.* )?(?:fee|deposit|premium|compensation|bill|discount|rent|tax|fine|surcharge|excess)")
_OCCASIONS = frozenset(
    "arrival departure pickup pick-up delivery check-in check-out return appointment deadline".split()
)
_NUMBERED = frozenset("seat room gate platform desk table locker kennel".split())
_COUNTED = {"people": "how many people it's for", "children": "how many children it's for"}


def _by_name(fact: Fact) -> str:
    """Return a question by the fact's name, where the name is one that people use."""
    name = spaced(re.sub(r"_(?:cents|pence|minor|id|kg|km|g|cm)$", "", fact.name))
    if fact.name in ("status", "state"):
        return "what its status is"
    if fact.kind == "money" and name.endswith("limit"):
        return f"what the {name} is"
    if fact.kind == "money":
        return _SUMS.get(name, "") or (f"how much the {name} is" if _CHARGES.fullmatch(name) else "")
    if fact.kind in ("date", "datetime", "time"):
        return _event(name)
    if fact.kind == "number":
        left = re.fullmatch(r"(\w+s) (left|free)", name)
        return f"how many {left[1]} are {left[2]}" if left else _COUNTED.get(name, "")
    return f"which {name} it is" if name in _NUMBERED else ""


def _event(name: str) -> str:
    """Return a question for a point in time: when something happens, happened or is."""
    verb, _, last = name.rpartition(" ")
    if last in ("at", "on"):
        if verb == "born" or re.fullmatch(r"\w+ed", verb):
            return f"when it was {verb}"
        if re.fullmatch(r"\w+[^s]s", verb):
            return f"when it {verb}"
        return {"due": "when it's due", "bought": "when I bought it", "sent": "when it was sent"}.get(verb, "")
    occasion = name.removesuffix(" date").removesuffix(" time").replace("check in", "check-in")
    return f"when the {occasion} is" if occasion in _OCCASIONS else ""
