"""Seed data: generated columns, reference data, SELECTs, and lives played through the tools (docs/extension.md)."""
