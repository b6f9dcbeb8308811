"""Runs, environments and tasks as self-contained HTML pages."""
