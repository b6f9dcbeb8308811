"""What GRPO takes from the configuration: the group, the objective, the budgets of a rollout, and what it is paid for."""

from __future__ import annotations

from envfactory.config import Section


class GrpoSection(Section):
    """The `[grpo]` table of a training configuration."""
