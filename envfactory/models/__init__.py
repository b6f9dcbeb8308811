"""Backends: what answers a role when it is not `rules`."""
