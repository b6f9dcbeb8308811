"""Rows in the forms of training stacks that read neither chat messages with tools nor columns of arbitrary JSON."""
