"""Inferring the `x-env` extension for a document that does not carry it (docs/inference.md)."""

from envfactory.synthesis.inference.infer import Inferred, infer

__all__ = ["Inferred", "infer"]
