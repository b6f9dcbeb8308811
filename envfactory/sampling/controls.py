"""What a person may steer in sampling: lengths, shares, shapes, with hard caps that no task ever passes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Controls(BaseModel):
    """Every number is a cap or a share in [0, 1]; the caps are hard, the shares are aimed at over many tasks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min_turns: int = Field(default=2, ge=1, le=6)
    max_turns: int = Field(default=6, ge=1, le=6)
    max_calls_per_turn: int = Field(default=5, ge=1, le=8)
    max_depth: int = Field(default=4, ge=1, le=6, description="producers of producers of an argument")
    max_environments: int = Field(default=3, ge=1, le=3)
    share_multi: float = Field(default=0.4, ge=0, le=1, description="tasks over two or three environments")
    share_three: float = Field(default=0.25, ge=0, le=1, description="of those, over three")
    share_read_only: float = Field(
        default=0.5, ge=0, le=1, description="stories around a question in which nothing is done at all"
    )
    share_refused: float = Field(default=0.3, ge=0, le=1, description="indices dealt a rule to run into")
    share_motive: float = Field(
        default=0.12, ge=0, le=1, description="indices dealt what nobody asks for without a reason, with the reason"
    )
    share_declined: float = Field(
        default=0.12, ge=0, le=1, description="stories in which a tool is withheld where one can be"
    )
    share_identify: float = Field(default=0.5, ge=0, le=1, description="profiles that give a contact, not the key")
    attempts: int = Field(default=12, ge=1, le=100, description="stories tried for an index's own focus")
    instead: int = Field(default=3, ge=0, le=20, description="other focuses tried where the own one leads nowhere")

    @model_validator(mode="after")
    def _ordered(self) -> Controls:
        if self.min_turns > self.max_turns:
            raise ValueError("min_turns is greater than max_turns")
        return self
