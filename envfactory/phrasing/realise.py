"""From a semantic turn to the words a person would type, with the span of every mention (docs/frames.md).

`realise` works in any wording: `plain=True` states everything outright, one clause a request; otherwise the persona's
tone chooses sentence plans, order, afterthoughts, references back and what stands around the requests.
"""

from __future__ import annotations

import random
import re

from envfactory.errors import TaskError
from envfactory.phrasing import asking, discourse, situations, urging
from envfactory.phrasing.afterthoughts import Sentence
from envfactory.phrasing.building import clause, loose
from envfactory.phrasing.clauses import Clause
from envfactory.phrasing.frames import Frames, ToolFrame
from envfactory.phrasing.moods import sentences
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.tones import finished
from envfactory.phrasing.voice import voice_of
from envfactory.phrasing.words import Words, join, string, text
from envfactory.tasks.model import GoldCall, Mention, Reply, Request, Said, Source, Task, Turn

UTTERED = frozenset({"stated", "relative", "vague", "ranked"})


def realise(task: Task, turn_index: int, frames: Frames, rng: random.Random, *, plain: bool = False) -> Turn:
    """Return the turn with its text, the spans and words of its mentions, and the texts of its replies.

    `frames` are those of every environment of the task, by name. The voice comes from the task, so that it holds over the
    turns; the choices of this turn come from `rng`. Raises TaskError where a mention that must be said finds no words.
    """
    environments = {each.name for each in task.environments}
    missing = environments - set(frames)
    if missing:
        raise TaskError(f"task {task.id}: no frames for {', '.join(sorted(missing))}")
    voice = voice_of(task, _parties(task, frames))
    telling = Telling(task, turn_index, frames, rng, voice, plain)
    turn = telling.turn
    said = _sentences(telling) if turn.outcome != "chat" else [Sentence(text(discourse.chat(telling)), "")]
    words, spans = finished(telling, said)
    spans |= {twin: spans[other] for twin, other in telling.twins.items() if other in spans}
    mentions = [_spoken(each, words, spans) for each in turn.mentions]
    unsaid = [each.id for each in mentions if each.form in UTTERED and each.span is None]
    if unsaid:
        raise TaskError(f"task {task.id}, turn {turn_index}: no words for {', '.join(unsaid)}")
    replies = [_answered(telling, reply) for reply in turn.replies]
    update = {"text": words, "mentions": mentions, "replies": replies} | ({"plain": words} if plain else {})
    return turn.model_copy(update=update)


def _parties(task: Task, frames: Frames) -> bool:
    return any(slot.party for call in task.gold for slot in frames[call.environment].tools[call.tool].slots.values())


def _spoken(mention: Mention, words: str, spans: dict[str, tuple[int, int]]) -> Mention:
    span = spans.get(mention.id)
    return mention.model_copy(update={"span": span, "words": words[slice(*span)] if span else ""})


# --- a turn -----------------------------------------------------------------------------------------------------------


def _sentences(telling: Telling) -> list[Sentence]:
    """Return the sentences of a turn: what leads in, the requests, what no clause had a place for."""
    if telling.turn.outcome == "declined":
        telling = _with_wish(telling)
    begins = telling.index == 0 and not telling.plain and not urging.has_motive(telling)  # which is why enough
    opening = situations.opening(telling, _tool(telling, 0)) if begins else ()
    telling.situated = bool(opening)
    wanted = [request.call for request in telling.turn.requests] or _goals(telling)
    said: list[Sentence] = []
    for at, number in enumerate(wanted):
        said.extend(_joined(telling, _request(telling, number), at))
    for number in range(*telling.turn.calls):
        if number not in wanted and _apart(telling, number):
            said.extend(_request(telling, number))
    homeless = [each for each in telling.left.values() if each.form != "referred"]
    if homeless and _must_fit(telling):
        raise TaskError(f"task {telling.task.id}, turn {telling.index}: no clause has a place for {homeless[0].slot}")
    said.extend(Sentence(loose(telling, each)) for each in homeless)
    if opening:
        said = _situated(telling, opening, said, _tool(telling, 0))
    return said


def _must_fit(telling: Telling) -> bool:
    """Return whether a value without a place is a fault: not in plain words."""
    authored = all(frames.authored for frames in telling.frames.values())
    return authored and not telling.plain


def _with_wish(telling: Telling) -> Telling:
    """Return the turn as if what is wanted of a withheld tool were a call, so that it is asked for like any other."""
    names = [name.split(".", 1) for name in telling.task.withheld]
    offered = [
        (environment, telling.environment(environment).tools.get(tool))
        for environment, tool in names
        if environment in telling.frames
    ]
    said = {each.environment for each in telling.turn.mentions}
    fitting = [(environment, tool) for environment, tool in offered if tool and (environment in said or not said)]
    if not fitting or telling.turn.requests:
        return telling
    environment, tool = fitting[0]
    sources: dict[str, Source] = {}
    for mention in telling.turn.mentions:
        table, _, name = mention.slot.rpartition(".")
        slot = (
            tool.slots.get(name)
            if table == tool.name
            else next((each for each in tool.slots.values() if each.ref.startswith(f"{table}.")), None)
        )
        if slot:
            sources[slot.name] = Said(mention=mention.id)
    wish = GoldCall(environment=environment, tool=tool.name, arguments={}, sources=sources)
    number = len(telling.task.gold)
    turn = telling.turn.model_copy(update={"calls": (number, number + 1), "requests": [Request(call=number)]})
    turns = [turn if at == telling.index else each for at, each in enumerate(telling.task.turns)]
    task = telling.task.model_copy(update={"gold": [*telling.task.gold, wish], "turns": turns})
    wished = Telling(task, telling.index, telling.frames, telling.rng, telling.voice, telling.plain)
    wished.twins = telling.twins
    return wished


def _tool(telling: Telling, at: int) -> ToolFrame:
    wanted = [request.call for request in telling.turn.requests] or _goals(telling)
    return telling.reader.tool(telling.task.gold[wanted[at]]) if wanted else ToolFrame("", "read", "", (), {})


def _goals(telling: Telling) -> list[int]:
    return [number for number in range(*telling.turn.calls) if telling.task.gold[number].purpose in ("goal", "check")]


def _apart(telling: Telling, number: int) -> bool:
    """Return whether a call that no request names still has things to say: it establishes what another needs."""
    call: GoldCall = telling.task.gold[number]
    said = [telling.reader.mention_of(source) for source in call.sources.values()]
    return call.purpose in ("establish", "goal") and telling.waiting(each for each in said if each)


def _request(telling: Telling, number: int) -> list[Sentence]:
    tool = telling.reader.tool(telling.task.gold[number])
    if tool.kind == "read":
        return asking.questions(telling, number, telling.turn.facts)
    made = clause(telling, number)
    motive = urging.motive_of(telling, number)
    if not motive:
        return _reasoned(telling, made, sentences(telling, made))
    ending = urging.ended(telling, made, motive)
    return urging.urged(telling, made, sentences(telling, made), motive, ending)


def _reasoned(telling: Telling, made: Clause, said: list[Sentence]) -> list[Sentence]:
    """Add a reason to a cancellation or a change: before, after, or in the same sentence."""
    able = made.act in ("cancel", "change", "claim", "add") and not telling.situated
    why = (
        situations.reason(telling, made.tool, certain=made.act == "cancel" and _did_something(telling)) if able else ""
    )
    if not why:
        return said
    way = telling.rng.choice(["so", "so", "after", "after", "because", "dash"])
    first, *rest = said
    if first.tells:
        way = "after"
    if re.match(r"(?:that|it|this)\b", why) and way == "so":
        way = "after"
    if way == "because" and string(first.words).endswith("please"):
        way = "dash"
    if way == "so" and len(said) == 1:
        return [Sentence((*text(f"{why}, so "), *first.words), first.end, asks=False)]
    if way == "because" and len(said) == 1 and first.end == ".":
        return [Sentence((*first.words, *text(f" {telling.rng.choice(['because', 'as', 'since'])} {why}")))]
    if way == "dash" and len(said) == 1 and first.end == ".":
        return [Sentence((*first.words, *text(f" – {why}")))]
    if way == "so":
        return [Sentence(text(why), asks=False), *said]
    return [first, *rest, Sentence(text(why), asks=False)]


def _did_something(telling: Telling) -> bool:
    """Return whether something was done for the person before: who gives it up now owes a reason."""
    return any(turn.outcome == "done" for turn in telling.task.turns[: telling.index])


_THEN = {
    "plain": ["also,", "and", "then"],
    "polite": ["also,", "and", "in addition,"],
    "brief": ["and", "also"],
    "chatty": ["oh, and", "and then", "also,", "and while you're there,"],
    "casual": ["and", "also", "and then", "oh and"],
}


def _joined(telling: Telling, said: list[Sentence], at: int) -> list[Sentence]:
    """Lead over to the second and later requests of a turn."""
    if at == 0 or not said:
        return said
    lead = "then" if telling.plain else telling.rng.choice(_THEN[telling.voice.tone])
    first, *rest = said
    return [Sentence((*text(f"{lead} "), *first.words), first.end), *rest]


def _situated(telling: Telling, opening: Words, said: list[Sentence], tool: ToolFrame) -> list[Sentence]:
    """Put the situation before what is wanted, in a sentence of its own or as its ground.

    A look at what one has is no consequence of what one is up to.
    """
    first, *rest = said
    own = any(each.text == string(opening) for each in tool.situations)
    way = telling.rng.choice(["own", "so"]) if own or tool.act not in ("read", "list") else "own"
    if way == "so" and not first.tells:
        return [Sentence((*opening, *text(", so "), *first.words), first.end), *rest]
    return [Sentence(opening), *said]


# --- what is said when asked ------------------------------------------------------------------------------------------


def _answered(telling: Telling, reply: Reply) -> Reply:
    """Return the reply with its words: only what was asked for, as one says it in answer."""
    answering = Telling(telling.task, telling.index, telling.frames, telling.rng, telling.voice, telling.plain)
    answering.left = {each.id: each for each in reply.mentions}
    calls = [telling.task.gold[number] for number in range(*telling.turn.calls)]
    parts: list[Words] = []
    for at, _ in enumerate(calls):
        if answering.left:
            made = clause(answering, telling.turn.calls[0] + at)
            parts.extend(part.words for part in made.parts if part.words)
            parts.extend(made.tails)
            parts.extend(words for name, words in made.fillers.items() if any(bit.mention for bit in words))
    parts.extend(loose(answering, each) for each in list(answering.left.values()))
    spoken = [_opened(part) for part in parts if any(bit.mention for bit in part)]
    words, spans = finished(answering, [Sentence(join(spoken, ", "))], answer=True)
    question = reply.question or _question(telling, reply)
    return Reply(question=question, text=words, mentions=[_spoken(each, words, spans) for each in reply.mentions])


def _opened(words: Words) -> Words:
    """Return an adjunct as the beginning of an answer: without what tied it to its sentence."""
    first = words[0]
    return (first._replace(text=re.sub(r"^(?:and |, |– )", "", first.text)), *words[1:])


def _question(telling: Telling, reply: Reply) -> str:
    """Return what an assistant asks to have the missing values: the frame's question, else one by name."""
    asked: list[str] = []
    for mention in reply.mentions:
        tool_name, _, parameter = mention.slot.rpartition(".")
        tool = telling.environment(mention.environment).tools.get(tool_name)
        slot = tool.slot_of(parameter) if tool else None
        question = slot.ask if slot and slot.ask else f"What {parameter.replace('_', ' ')} should it be?"
        if question not in asked:
            asked.append(question)
    return " ".join(asked)
