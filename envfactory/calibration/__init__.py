"""How hard a task is, measured: a scripted searcher that sees what a solver sees, and a simulated user."""
