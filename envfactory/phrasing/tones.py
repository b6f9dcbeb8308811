"""The surface of a message: sentences set one after another with what stands around them, in the tone's typography."""

from __future__ import annotations

import re

from envfactory.phrasing import discourse
from envfactory.phrasing.afterthoughts import Sentence
from envfactory.phrasing.telling import Telling
from envfactory.phrasing.words import Bit, capitalised, flatten, string, text, uncapitalised

Spans = dict[str, tuple[int, int]]


def finished(telling: Telling, said: list[Sentence], *, answer: bool = False) -> tuple[str, Spans]:
    """Return the message and the spans of its mentions. `answer`: it answers a question, so nothing stands around it."""
    sentences = [each for each in said if string(each.words)]
    if not answer and telling.turn.outcome != "chat":
        sentences = _surrounded(telling, sentences)
    small = telling.voice.small and not telling.plain
    words: list[Bit] = []
    for at, sentence in enumerate(sentences):
        shaped = uncapitalised(sentence.words) if small else capitalised(sentence.words)
        mark = sentence.end if not string(sentence.words).endswith((".", "!", "?", ":")) else ""
        if at == len(sentences) - 1 and mark == "." and telling.voice.bare_end and not telling.plain:
            mark = ""
        words.extend([*(text(" ") if words else ()), *shaped, *text(mark)])
    return flatten(tuple(words))


def _surrounded(telling: Telling, sentences: list[Sentence]) -> list[Sentence]:
    before, after = discourse.before(telling), discourse.after(telling)
    if before and sentences:
        sentences = _led(before, sentences)
    if after and not _thanked(sentences):
        sentences = [*sentences, Sentence(text(after), "")]
    return sentences


def _led(before: str, sentences: list[Sentence]) -> list[Sentence]:
    """Put what leads in before the first sentence: into it where it ends openly, else as sentences of its own."""
    closed, opened = _cut(before)
    out = [Sentence(text(each), "") for each in closed]
    first, *rest = sentences
    if opened and (first.asks or opened.endswith(":") or opened.split(",")[0] in ("hi", "hey", "hello", "hey there")):
        first = Sentence((*text(f"{opened} "), *uncapitalised(first.words)), first.end)
    return [*out, first, *rest]


def _cut(before: str) -> tuple[list[str], str]:
    """Return the finished sentences of a lead and what is left open at its end."""
    pieces = re.findall(r"[^.!?]+[.!?]+|[^.!?]+$", before)
    closed = [piece.strip() for piece in pieces if piece.rstrip().endswith((".", "!", "?"))]
    opened = [piece.strip() for piece in pieces if not piece.rstrip().endswith((".", "!", "?"))]
    return closed, " ".join(opened)


def _thanked(sentences: list[Sentence]) -> bool:
    return any(re.search(r"\b(?:thank|thanks|cheers)\b", string(each.words), re.IGNORECASE) for each in sentences)
