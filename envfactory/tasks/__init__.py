"""Tasks: what a person asks for over one or more turns, the calls that satisfy it, and a grader proven to grade."""
