"""The parts of the rules coder: facts about values, guards as Python conditions, SQL as written into code."""
