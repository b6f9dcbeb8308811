"""What the explorer may do in the world: fetch, search, list; each within limits, each on record."""
