"""Why somebody asks for what nobody asks for without a reason: what was just done, given up, or settled.

A motive is the story of a request (`Request.story`). The sampler plans a turn with it, the phrasing engine says it; who
grades or solves a task need not know of it.
"""

from __future__ import annotations

FOR_OTHERS = "again"
"""What the person has already: somebody else wants it too."""
ONCE_MORE = "once more"
"""The very same deed again: it does not seem to have come through."""
AFTER_ALL = "after all"
"""What was just given up is wanted after all."""
CALLED_OFF = "called off"
"""What was just settled has to be given up."""
INSTEAD = "instead"
"""Another thing in the place of what was given up."""
ANEW = "anew"
"""The very thing that was given up, with other details."""
ROOM = "room"
"""Something is given up so that what was refused becomes possible."""
RETRY = "retry"
"""What was refused should be possible now."""
BACK = "back"
"""A change is to be undone."""
MORE = "more"
"""More of what was just added."""
BESIDE = "beside"
"""Another one beside what one has, to have the choice."""
IN_CASE = "in case"
"""A door kept open to what was given up."""
EARLY = "early"
"""Something is over sooner than thought."""

MOTIVES = frozenset(
    {FOR_OTHERS, ONCE_MORE, AFTER_ALL, CALLED_OFF, INSTEAD, ANEW, ROOM, RETRY, BACK, MORE, BESIDE, IN_CASE, EARLY}
)
