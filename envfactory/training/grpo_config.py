"""What GRPO takes from the configuration: the group, the objective, the budgets of a rollout, and what it is paid for."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from envfactory.config import Section

Order = Literal["shuffled", "easy_first", "band"]
Loss = Literal["grpo", "dapo", "dr_grpo", "bnpo", "cispo"]


class CurriculumSection(Section):
    """Which tasks come when, by the solve rates stored with them.

    `shuffled`: all alike. `easy_first`: from the highest rate to the lowest. `band`: drawn by how much a group of
    attempts at that rate can differ, so that hopeless and solved ones are rare. Tasks with a rate outside `low` to
    `high` are left out; those that were never measured count as `unmeasured`.
    """

    order: Order = "shuffled"
    low: float = Field(default=0.0, ge=0, le=1)
    high: float = Field(default=1.0, ge=0, le=1)
    unmeasured: float = Field(default=0.5, ge=0, le=1)

    @model_validator(mode="after")
    def _ordered(self) -> CurriculumSection:
        if self.low > self.high:
            raise ValueError("low must not be above high")
        return self


class VllmSection(Section):
    """Generation by vLLM: within the training processes (`colocate`) or by a server that runs elsewhere.

    `correction` says how the gap between vLLM's probabilities and the trainer's is corrected: by tokens, since over the
    many tokens of a rollout a ratio of whole sequences leaves its bounds and would mask or cut nearly all of them.
    """

    mode: Literal["off", "colocate", "server"] = "off"
    memory: float = Field(default=0.3, gt=0, le=1)
    tensor_parallel: int = Field(default=1, ge=1)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    group_port: int = Field(default=51216, ge=1, le=65535)
    sleep: bool = False
    correction: Literal["token_truncate", "token_mask", "sequence_truncate", "sequence_mask"] = "token_truncate"


class GrpoSection(Section):
    """The `[grpo]` table of a training configuration.

    `library` holds the environments. The objective: `group` attempts at a task make one group; `clip` and `clip_high` bound the ratio of new to old
    probability (`1 - clip` to `1 + clip_high`); `kl` weighs the divergence from the model it began with; `updates` are
    the passes over each batch of rollouts, which covers `generations` batches of the optimiser.

    The budgets, in tokens: `message_tokens` for one message, `completion_tokens` for all of a rollout (what tools and
    person say included), `prompt_tokens` for the prompt (longer ones are left out). Calls and messages are limited as
    the dataset's rows say. `side_by_side` limits how many attempts are generated for at once. `keep_cache` keeps keys
    and values from message to message; `twin` samples from a copy of the model with its adapters merged, in bfloat16,
    which is several times quicker on a CPU.

    The pay: `reward` of `tasks.rewards`, less `malformed_penalty` for each call that could not be read, up to
    `most_penalty`. A rollout in which no call was executed though the task takes some costs `idle_penalty`, unless those
    cost more: else a model that cannot write calls yet would learn to write none. A `truncated` rollout (out of calls, messages or tokens) is kept out of the loss (`mask`), costs
    `truncated_penalty` (`penalise`), or is taken as it is (`keep`). One that infrastructure broke is never scored.
    """

    library: Path = Path("library")
    reward: Literal["goal", "paper"] = "goal"
    group: int = Field(default=8, ge=2)
    updates: int = Field(default=1, ge=1)
    generations: int | None = Field(default=None, ge=1)
    clip: float = Field(default=0.2, gt=0)
    clip_high: float | None = Field(default=None, gt=0)
    kl: float = Field(default=0.0, ge=0)
    loss: Loss = "dapo"
    scale: Literal["group", "batch", "none"] = "group"
    temperature: float = Field(default=1.0, gt=0)
    top_p: float = Field(default=1.0, gt=0, le=1)
    top_k: int = Field(default=0, ge=0)
    message_tokens: int = Field(default=256, ge=1)
    completion_tokens: int = Field(default=2048, ge=2)
    prompt_tokens: int = Field(default=4096, ge=1)
    side_by_side: int | None = Field(default=None, ge=1)
    keep_cache: bool = True
    twin: bool = False
    malformed_penalty: float = Field(default=0.05, ge=0)
    most_penalty: float = Field(default=0.2, ge=0)
    idle_penalty: float = Field(default=0.2, ge=0)
    truncated: Literal["mask", "penalise", "keep"] = "penalise"
    truncated_penalty: float = Field(default=0.1, ge=0)
    keep_rollouts: bool = True
    curriculum: CurriculumSection = CurriculumSection()
    vllm: VllmSection = VllmSection()
