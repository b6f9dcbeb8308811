"""Datasets that a trainer takes as they are, from verified tasks: conversations, rollout rows, card and manifest."""
