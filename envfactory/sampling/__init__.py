"""Topology-aware sampling: stories over the proven graph, every call executed while sampling."""
