"""LangGraph state machines: they wire roles and gate together and hold no domain logic."""
