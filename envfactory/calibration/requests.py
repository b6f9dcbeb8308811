"""What a message asks for: its clauses, and for each the tool that is most likely meant."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from envfactory.calibration.hearing import Said
from envfactory.calibration.offered import Offer, Tool
from envfactory.calibration.typed import fill_typed
from envfactory.calibration.vocabulary import READS, acts_of, root, roots, tokens, verbs_of
from envfactory.reading.spans import flatten

_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n+|\s+[-–—]\s+")
_JOINTS = re.compile(r",? (?:and then|then|and also|and|also|plus|after that|so) (?=(?:please |just |maybe )?(\w+))")
_WISH = re.compile(
    r"\b(?:(?:could|can|would|will|might|may|do you think) (?:you|i|we)(?: could)?(?: (?:please|maybe|kindly"
    r"|possibly|just|perhaps|also|then))*"
    r"(?: be able to| like to| like| love to| love| mind)?|i(?:'d| would) (?:like|love|need|prefer)(?: you)?(?: to)?"
    r"|(?:i|we) (?:\w+ )?(?:want|need|have|wish)(?: you)? to|(?:i|we) (?:want|need)|i(?:'m| am) (?:hoping|looking"
    r"|trying)(?: to)?|let's"
    r"|i (?:wonder|was wondering|was hoping|am wondering)(?: if| whether)?(?: (?:you|i|we) could)?|is there (?:a"
    r"|any) way (?:for (?:me|us) )?to"
    r"|i(?:'d| would) (?:appreciate it|be grateful) if (?:you|i|we) could"
    r"|(?:is it|would it be|is that|would that be) possible to|any chance (?:of|you could)|please|kindly)\b"
)
_LEAD = re.compile(
    r"^(?:(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening)|thanks|thank you|great|right|ok|okay|ah|oh|so|and"
    r"|also|then|actually|now|there"
    r"|well|cool|perfect|one more thing|next|please|just|maybe|but|in that case|sorry|gotcha|alright|that's \w+"
    r"|all right|yes|no)\b[\s,.!:-]*)+"
)
_QUESTION = re.compile(
    r"\b(?:what|which|how|when|where|who|whose|whether|is|are|was|were|does|did|has|any|anything|what's|if)\b"
)
_TELLING = re.compile(
    r"^(?:and )?(?:please )?(?:tell me|let me know|say|tell us|let us know|give me|remind me) (?:what|when|where|how"
    r"|whether|if|who|which|the|about)\b"
)
_HOW = re.compile(r"\bhow (?:much|many|long|late|far|soon)\b|^how ")
_HYPOTHETICAL = re.compile(r"\b(?:would it|if i|were to|before i)\b")
_FINDING = re.compile(
    r"\b(?:do you have|have you got|find|search|look(?:ing)?|browse|available|is there|are there|there are|there is"
    r"|quote|compare|any|options|offers?)\b"
)
_LISTING = re.compile(r"\b(?:show|list|see|which|what|my|i've|i have)\b")
_CHECKING = re.compile(r"\b(?:check|details?|about|whether|when|where|how|tell|conditions|status|look)\b")
_COMMON = frozenset("get find list show read check look see tell search".split())
_ACCOUNT = re.compile(
    r"\b(?:accounts?|profile|membership|owed?|balances?|registered|limits?|balance|may (?:i|still)|i may|i can still"
    r"|points|miles|credit|allowance|fines?|fees?)\b"
)
_SEVERAL = re.compile(
    r"\b(?:my|the|our) (?:\w+ )?(?!(?:this|is|was|its|has|as|us|starts|ends|costs)\b)\w+s\b|\b(?:which|what) \w+"
    r"|\bi've\b|\bwhat i\b"
)
_ONE_OWN = re.compile(r"\b(?:my|our) (?:\w+ )?\w*[a-rt-z]\b(?! \w+s\b)")
_MADE = re.compile(r"\b(?:i|we)(?:'ve| have) (?:\w+ )?(?:booked|reserved|ordered|got|bought|hired|requested|signed)\b")
_BACK = re.compile(r"\b(?:it|its|that|this|one)\b")
_OWN = re.compile(r"\b(?:my|mine|our|i|i've|i'm|we|we've|me|us)\b")
_VAGUE = frozenset("get have put take make need want give like do".split())
_LOOKING = frozenset(
    "check see show list find look lookup tell know what which how when where who is are does do any search"
    " browse".split()
)
_LOOK_ORDERS = frozenset("check see show list find look tell search browse let know give".split())
_DONE = 2.0
_LEAST = 1.0
_LOOK_VERBS = {
    "list": _LISTING,
    "show": _LISTING,
    "get": _CHECKING,
    "read": _CHECKING,
    "check": _CHECKING,
    "track": _CHECKING,
    "follow": _CHECKING,
}


@dataclass(frozen=True)
class Request:
    """A clause and the tool it most likely asks for."""

    tool: Tool
    words: str
    score: float


@dataclass(frozen=True)
class Listener:
    """Hears what is asked for. `people` are the roots of the words for the signed-in person (`passenger`)."""

    offer: Offer
    rng: Random
    people: frozenset[str] = frozenset()
    noise: float = 0.2

    def requests(self, message: Said, topic: str = "") -> list[Request]:
        """Return what a message asks for, in order; nothing where no offered tool fits. `topic` is what "it" means."""
        fits = {tool.name: self._fit(tool, message) for tool in self.offer.tools}
        found: list[Request] = []
        context: list[str] = []
        for clause in clauses_of(message.text):
            telling = found and _TELLING.search(_core(verbs_of(clause)))
            idle = telling or not _asks(clause) or (found and _is_fragment(clause))
            request = None if idle else self._best(clause, fits, topic)
            if request is None or request.score < _DONE + (0.6 if found else 0.0):
                context.append(clause)
                continue
            if found and found[-1].tool is request.tool and not _names_another(clause):
                found[-1] = Request(request.tool, " ".join([found[-1].words, *context, clause]), request.score)
            else:
                found.append(Request(request.tool, " ".join([*context, clause]), request.score))
            context = []
        if found:
            found[-1] = Request(found[-1].tool, " ".join([found[-1].words, *context]), found[-1].score)
            return found
        best = self._best(message.text, fits, topic)
        return [best] if best is not None and best.score > _LEAST else []

    def _best(self, clause: str, fits: dict[str, float], topic: str) -> Request | None:
        scored = [(self._score(tool, clause, fits[tool.name], topic), tool.name) for tool in self.offer.tools]
        if not scored:
            return None
        score, name = max(scored)
        return Request(self.offer.named(name), clause, score)

    def _score(self, tool: Tool, clause: str, fit: float, topic: str) -> float:
        words = score_of(tool, clause, self.offer, self.people)
        return words + fit + self._about(tool, clause, topic) + self.rng.gauss(0, self.noise)

    def _fit(self, tool: Tool, message: Said) -> float:
        """Return how well the values said are those that the tool takes."""
        given = fill_typed(tool, message)
        wanted = [each for each in tool.parameters if each.sort not in ("ref", "contact", "text")]
        required = [each for each in wanted if each.required]
        score = sum(0.45 if each.name in given else -0.3 for each in required)
        score += sum(0.3 for each in wanted if not each.required and each.name in given)
        takes_days = any(each.sort in ("date", "datetime") for each in wanted)
        score -= 0.25 if message.days and not takes_days and tool.reads else 0.0
        return max(-1.0, min(1.4, score))

    def _about(self, tool: Tool, clause: str, topic: str) -> float:
        """Return how well the thing a tool works on is the one spoken of: "it", or something of one's own."""
        flat = flatten(clause)
        things = {each.noun for each in tool.refs if not set(each.words) & self.people}
        score = 0.0
        if topic and _BACK.search(flat) and tool.refs:
            score += 0.5 if topic in things else -0.3
        if things and re.search(r"\b(?:my|our)\b", flat):
            score += 0.3 if things & self.offer.owned else -0.1
        return score


def clauses_of(message: str) -> list[str]:
    """Return the clauses of a message: its sentences, parted where a new verb begins."""
    found: list[str] = []
    for sentence in _SENTENCES.split(message.strip()):
        start = 0
        for joint in _JOINTS.finditer(sentence):
            follows = joint[1].lower()
            if follows.endswith(("ing", "ed")):
                continue
            if acts_of(follows) or follows in _LOOK_ORDERS or follows in ("could", "can", "would", "let", "please"):
                found.append(sentence[start : joint.start()])
                start = joint.end()
        found.append(sentence[start:])
    return [each for each in found if re.search(r"\w", each)]


def _is_fragment(clause: str) -> bool:
    """Whether a clause only adds to the one before: "just the scheduled ones?", "for two people"."""
    words = tokens(_core(verbs_of(clause)))
    return len(words) <= 6 and not (acts_of(words[0]) or words[0] in READS if words else False)


def _names_another(clause: str) -> bool:
    return re.search(r"\b(?:another|as well|too|other)\b", flatten(clause)) is not None


def _core(flat: str) -> str:
    return _LEAD.sub("", flat.strip())


def _asks(clause: str) -> bool:
    """Whether a clause asks for something rather than telling of it: a wish, a question, or an order."""
    flat = _core(verbs_of(clause))
    words = tokens(flat)
    order = bool(words) and (bool(acts_of(words[0])) or words[0] in READS or words[0].endswith("ing"))
    return (
        order or _WISH.search(flat) is not None or flat.rstrip().endswith("?") or bool(acts_of(words[1]))
        if len(words) > 1
        else order
    )


@lru_cache(maxsize=1024)
def score_of(tool: Tool, clause: str, offer: Offer, people: frozenset[str] = frozenset()) -> float:
    """Return how well a tool answers a clause: by its act, by its words, by whether the clause asks or orders."""
    said = set(roots(clause))
    overlap = sum(
        weight * (0.25 + offer.rarity.get(word, 0.0)) for word, weight in tool.weights.items() if word in said
    )
    whole = 0.6 if tool.nouns and set(tool.nouns) <= said else 0.0
    flat = _core(verbs_of(clause))
    return 0.6 * overlap + whole + (_look_score(tool, flat, people) if tool.reads else _act_score(tool, flat))


def _look_score(tool: Tool, flat: str, people: Collection[str]) -> float:
    """Return how much a clause asks to look, in the way in which the tool looks."""
    words = tokens(flat)
    asked = _WISH.sub(" ", flat)
    score = 0.9 if _QUESTION.search(asked) else 0.0
    score += 0.8 if _HOW.search(asked) else 0.0
    score += 0.8 if set(tokens(asked)) & READS else 0.0
    score += 0.4 if tool.verb in words and tool.verb not in _COMMON else 0.0
    if any(each.required and each.sort == "contact" for each in tool.parameters) or _identifies(tool):
        score += 1.2 if _ACCOUNT.search(asked) or "lookup" in words else -1.5
    score += 0.5 if _LOOK_VERBS.get(tool.verb, _FINDING).search(asked) else 0.0
    personal = _owned(tool, people)
    score += _number_score(tool, asked, people)
    if personal and _MADE.search(asked) and not tool.refs[1:]:
        score += 0.8
    if personal:
        return score + (0.6 if _OWN.search(asked) else -0.3)
    return score + (0.4 if _FINDING.search(asked) and not re.search(r"\bmy\b", asked) else 0.0)


def _identifies(tool: Tool) -> bool:
    """Whether a tool finds the account of somebody by a number that only they have."""
    return (
        tool.verb in ("find", "lookup")
        and len(tool.parameters) == 1
        and tool.parameters[0].required
        and "pattern" in tool.parameters[0].schema
    )


def _number_score(tool: Tool, asked: str, people: Collection[str]) -> float:
    """Return how well the number of what is asked about fits: one thing is read, several are listed."""
    one = [
        each for each in tool.parameters if each.required and each.sort == "ref" and not set(each.words) & set(people)
    ]
    if one:
        nouns = {each.noun.split("_")[-1] for each in one}
        singular = any(re.search(rf"\b(?:my|the|that|this|our) (?:\w+ )?{noun}\b", asked) for noun in nouns)
        if re.search(r"\b(?:my|our) \w+s\b", asked) and not singular:
            return -0.6
        return 0.8 if singular else 0.5 if _ONE_OWN.search(asked) else 0.4 if _BACK.search(asked) else -0.2
    plural = _SEVERAL.search(asked) is not None
    return 0.5 if plural else -0.3 if _ONE_OWN.search(asked) and _owned(tool, people) else 0.0


def _owned(tool: Tool, people: Collection[str]) -> bool:
    return any(each.required and set(each.words) & set(people) for each in tool.parameters)


def _act_score(tool: Tool, flat: str) -> float:
    """Return how much a clause asks to act, in the way in which the tool acts."""
    asked = _WISH.sub(" ", flat)
    words = tokens(asked)
    acts = {act for word in words if word not in _VAGUE for act in acts_of(word)}
    leading = {act for word in words[:2] for act in acts_of(word)}
    vague = {act for word in words if word in _VAGUE for act in acts_of(word)}
    agreed = 2.0 if acts & tool.acts else 1.2 if vague & tool.acts else (0.2 if not tool.acts else -1.0)
    agreed += 0.6 if leading & tool.acts else 0.0
    if not acts and not vague and "create" in tool.acts:
        agreed = 0.8  # "a table for two on Friday, please"
    exact = 0.9 if root(tool.verb) in {root(word) for word in words} else 0.0
    counting = _HOW.search(asked) is not None or (_QUESTION.search(asked) and _HYPOTHETICAL.search(asked))
    return -2.5 if _looks(tokens(_wished(flat))) else agreed + exact - (1.8 if counting else 0.0)


def _wished(flat: str) -> str:
    """Return what stands after "could you", "I'd like to" and the like; all where nothing such is said."""
    wish = _WISH.search(flat)
    return flat[wish.end() :] if wish else flat


def _looks(words: list[str]) -> bool:
    """Whether the first verb of a clause is one of looking: "check what I have booked" does not ask to book."""
    first = next((word for word in words if word in READS or acts_of(word)), "")
    return first in _LOOKING or (first.endswith("ing") and root(first) in {root(word) for word in _LOOKING})
