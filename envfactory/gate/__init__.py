"""The gate: executed, named, deterministic checks which alone make an environment verified (DESIGN section 6)."""
