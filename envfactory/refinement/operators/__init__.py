"""The operators on the meaning of turns, each with a contract that a program checks."""

from __future__ import annotations

from envfactory.refinement.operators.around import ChitChat, Distractors
from envfactory.refinement.operators.base import Candidate, Operator, Violation
from envfactory.refinement.operators.dates import RelativeDate
from envfactory.refinement.operators.drop import Drop, DropDefaults
from envfactory.refinement.operators.joining import Compress, Goal
from envfactory.refinement.operators.missing import MissingFunction, MissingParameter
from envfactory.refinement.operators.refer import ReferBack
from envfactory.refinement.operators.reroute import Reroute
from envfactory.refinement.operators.rows import Amount, Ranked

IN_ORDER: tuple[Operator, ...] = (
    Goal(),
    DropDefaults(),
    Reroute(),
    Drop(),
    ReferBack(),
    Amount(),
    Ranked(),
    MissingParameter(),
    Compress(),
    RelativeDate(),
    ChitChat(),
    Distractors(),
)
"""Those on meaning, in the order in which a turn tries them: what is left out first, then how the rest is said."""

AFTERWARDS: tuple[Operator, ...] = (MissingFunction(),)
"""Those that leave the words alone, tried when the words stand."""

__all__ = ["AFTERWARDS", "IN_ORDER", "Candidate", "Operator", "Violation"]
