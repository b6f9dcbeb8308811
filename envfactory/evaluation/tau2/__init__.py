"""τ²-bench, retail and airline: its own data, tools, simulated person's rules and evaluator, offline."""
