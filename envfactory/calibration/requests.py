"""What a message asks for: its clauses, and for each the tool that is most likely meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from envfactory.calibration.offered import Offer, Tool
from envfactory.calibration.vocabulary import READS, acts_of, root, roots, tokens, verbs_of
from envfactory.reading.spans import flatten

_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n+|\s+-\s+")
_JOINTS = re.compile(r",? (?:and then|then|and also|and|also|plus|after that) (?=(?:please )?(\w+))")
_QUESTION = re.compile(
    r"(?:^|[,;:] ?|\b(?:and|so|but|ok|okay|hi|hello|hey|right|great|thanks) )(?:what|which|how|when|where|who|whose|is|are|was|were|does|do|did|has|have|am"
    r"|any|anything)\b|\bwhat's\b|\b(?:know|see|tell me|check|find out|wondering|remind me|look up|lookup) (?:me )?(?:what|which|how|when|where|who|if|whether|about)\b"
)
_HOW = re.compile(r"\bhow (?:much|many|long|late|far|soon)\b|^how ")
_HYPOTHETICAL = re.compile(r"\b(?:would|if i|were to|before i)\b")
_WISH = re.compile(
    r"\b(?:could|can|would|will) you\b|\bplease\b|\bi(?:'d| would) (?:like|love)\b|\bi (?:want|need)\b|\bwe (?:want|need)\b|\bcan (?:i|we)\b|\blet's\b"
)
_NOISE = 0.25


@dataclass(frozen=True)
class Request:
    """A clause and the tool it most likely asks for."""

    tool: Tool
    words: str
    score: float


def requests_of(message: str, offer: Offer, rng: Random) -> list[Request]:
    """Return what a message asks for, in order; nothing where no offered tool fits."""
    clauses = clauses_of(message)
    found: list[Request] = []
    context: list[str] = []
    for clause in clauses:
        request = _best(clause, offer, rng, message)
        if request is None or request.score < 2.2 or not _asks(clause, request.tool):
            context.append(clause)
            continue
        if found and found[-1].tool is request.tool and not _names_another(clause):
            found[-1] = Request(request.tool, f"{found[-1].words} {clause}", max(found[-1].score, request.score))
        else:
            found.append(Request(request.tool, " ".join([*context, clause]), request.score))
        context = []
    if found and context:
        found[-1] = Request(found[-1].tool, " ".join([found[-1].words, *context]), found[-1].score)
    if found:
        return found
    best = _best(message, offer, rng, message)
    return [best] if best is not None and best.score > 1.2 else []


def clauses_of(message: str) -> list[str]:
    """Return the clauses of a message: its sentences, parted where a new verb begins."""
    found: list[str] = []
    for sentence in _SENTENCES.split(message.strip()):
        start = 0
        for joint in _JOINTS.finditer(sentence):
            if acts_of(joint[1].lower()) or joint[1].lower() in READS - {"any", "have", "do"}:
                found.append(sentence[start : joint.start()])
                start = joint.end()
        found.append(sentence[start:])
    return [each for each in found if re.search(r"\w", each)]


def _names_another(clause: str) -> bool:
    return re.search(r"\b(?:another|also|as well|too|other)\b", flatten(clause)) is not None


def _asks(clause: str, tool: Tool) -> bool:
    """Whether a clause asks for something at all, rather than telling of it."""
    flat = verbs_of(clause)
    acts = {act for word in tokens(flat) for act in acts_of(word)}
    asked = _QUESTION.search(flat) is not None or _WISH.search(flat) is not None or flat.rstrip().endswith("?")
    if tool.reads:
        return asked or bool(set(tokens(flat)) & READS)
    return bool(acts & tool.acts) or asked


def _best(clause: str, offer: Offer, rng: Random, message: str) -> Request | None:
    scored = [(score_of(tool, clause, offer) + rng.gauss(0, _NOISE), tool.name) for tool in offer.tools]
    if not scored:
        return None
    score, name = max(scored)
    return Request(offer.named(name), clause, score)


def score_of(tool: Tool, clause: str, offer: Offer) -> float:
    """Return how well a tool answers a clause: by its act, by its words, by whether the clause asks or orders."""
    flat = verbs_of(clause)
    said = set(roots(clause))
    overlap = sum(weight * offer.rarity.get(word, 0.0) for word, weight in tool.weights.items() if word in said)
    return 0.6 * overlap + _act_score(tool, flat) + (0.6 if tool.nouns and set(tool.nouns) <= said else 0.0)


def _act_score(tool: Tool, flat: str) -> float:
    words = tokens(flat)
    question = _QUESTION.search(flat) is not None
    counting = _HOW.search(flat) is not None
    if tool.reads:
        looking = bool(set(words) & READS) or flat.rstrip().endswith("?")
        return (
            (1.6 if question else 0.0)
            + (1.2 if counting else 0.0)
            + (0.6 if looking else 0.0)
            + (0.8 if tool.verb in words else 0.0)
        )
    acts = {act for word in words for act in acts_of(word)}
    agreed = 2.4 if acts & tool.acts else -1.2
    exact = 1.0 if root(tool.verb) in {root(word) for word in words} else 0.0
    return agreed + exact - (1.8 if counting or (question and _HYPOTHETICAL.search(flat)) else 0.0)
