"""From an annotated resource to a design: tables, contracts, seed data; and from contracts to tool code, by rules."""
