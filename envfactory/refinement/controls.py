"""What a person may steer in refinement: how often each operator is tried, and how much may be left unsaid at once."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Refinement(BaseModel):
    """The shares are chances that an operator is tried where it applies; its contract decides whether it stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    goal_not_steps: float = Field(default=0.7, ge=0, le=1, description="a look-up on the way goes unasked")
    drop_default: float = Field(default=0.9, ge=0, le=1, description="what a tool does anyhow goes unsaid")
    drop_lookup: float = Field(default=0.9, ge=0, le=1, description="what only a needless look-up wanted goes unsaid")
    drop: float = Field(default=0.6, ge=0, le=1, description="a value that can be found goes unsaid")
    refer_back: float = Field(default=0.95, ge=0, le=1, description="what the last turn was about is pointed at")
    implicit_ranking: float = Field(default=0.5, ge=0, le=1, description="the cheapest one, instead of its name")
    vague_amount: float = Field(default=0.4, ge=0, le=1, description="under 100 euros, where one thing is")
    missing_parameter: float = Field(default=0.15, ge=0, le=1, description="given only when the assistant asks")
    compress: float = Field(default=0.6, ge=0, le=1, description="several requests in one sentence")
    relative_date: float = Field(default=0.6, ge=0, le=1, description="tomorrow, this Friday")
    chit_chat: float = Field(default=0.02, ge=0, le=1, description="a remark that asks for nothing")
    distractors: float = Field(default=0.15, ge=0, le=1, description="tools of another environment are offered too")
    missing_function: float = Field(default=0.4, ge=0, le=1, description="the tool that is needed is withheld")
    most_per_turn: int = Field(default=4, ge=0, le=8, description="operators in one turn")
    most_per_task: int = Field(default=10, ge=0, le=24, description="operators in one conversation")
    attempts: int = Field(default=6, ge=1, le=20, description="wordings tried before a task is refused")

    def share(self, operator: str) -> float:
        """Return the chance of an operator by its name."""
        return float(getattr(self, operator))
