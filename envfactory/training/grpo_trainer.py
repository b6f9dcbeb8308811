"""TRL's GRPO trainer with our rollouts: generation in step with other processes, rewards that come with the rollouts.

Imported only where torch is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from trl import GRPOTrainer
from trl.models import unwrap_model_for_generation

from envfactory.training.ranksafe import Sampled, Together, Tokens, most_over_processes
from envfactory.training.rollout import TaskRollouts, TrainingTask, as_trl
from envfactory.training.rollout_cache import Memory, Sampling, can_remember
from envfactory.training.twin import Twin

TASK = "task"  # the dataset's column that names a row's task


class TaskTrainer(GRPOTrainer):
    """GRPO over tasks. TRL hands `rollout_func` the prompts alone; which tasks they are of is kept for it here."""

    asked: Sequence[str] = ()
    memory: Memory | None = None
    twin: Twin | None = None

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        self.asked = [row[TASK] for row in inputs]
        scored: dict[str, Any] = super()._generate_and_score_completions(inputs)
        return scored

    def limit_messages(self, tokens: int) -> None:
        """Let each generation have so many tokens: TRL's own limit is that of a whole completion."""
        if self.use_vllm:
            self.vllm_generation.max_completion_length = tokens
        else:
            self.generation_config.max_new_tokens = tokens
            self.generation_kwargs["max_new_tokens"] = tokens

    def remember(self, most: int) -> None:
        """Keep keys and values between messages of at most so many tokens, where generation and model allow it."""
        if not self.use_vllm and can_remember(self.accelerator.unwrap_model(self.model).config):
            ends = frozenset(self.eos_token_ids)
            drawing = (self.temperature, self.top_p, self.top_k)
            self.memory = Memory(Sampling(most, ends, self._tokenizer.pad_token_id, *drawing))

    def speak_by_twin(self) -> bool:
        """Sample from a merged copy of the model; no where its weights are not whole here, or keys and values not kept."""
        if self.memory is None or self.is_deepspeed_enabled:
            return False
        self.twin = Twin(self.accelerator.unwrap_model(self.model))
        return True

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Log how many groups had no variance too: none of them teaches anything."""
        share = self._metrics["train"].get("frac_reward_zero_std")
        if share and self.model.training:
            groups = self.args.generation_batch_size // self.num_generations
            self._metrics["train"]["groups/zero_variance"] = [sum(share) / len(share) * groups]
            self._metrics["train"]["groups/rolled_out"] = [float(groups)]
        super().log(logs, start_time)


class RolloutFunction:
    """What TRL calls for rollouts: `tasks` by id, and whoever plays them."""

    def __init__(
        self, rollouts: TaskRollouts, tasks: Mapping[str, TrainingTask], side_by_side: int | None = None
    ) -> None:
        self._rollouts = rollouts
        self._tasks = tasks
        self._side_by_side = side_by_side

    def __call__(self, prompts: list[Any], trainer: TaskTrainer) -> dict[str, Any]:
        """Return one rollout for each prompt of this process."""
        tasks = [self._tasks[name] for name in trainer.asked]
        together = Together(
            partial(sample, trainer),
            most_over_processes(trainer.accelerator),
            self._rollouts.prompt_of(tasks[0]),
            self._side_by_side,
        )
        if trainer.twin is not None:
            trainer.twin.refresh(trainer.accelerator.unwrap_model(trainer.model))
        scored = self._rollouts.play(tasks, together, f"grpo@{trainer.state.global_step}")
        if trainer.memory is not None:
            trainer.memory.forget()
        return as_trl(scored, with_logprobs=trainer.use_vllm)


def sample(trainer: TaskTrainer, rows: list[Tokens]) -> Sampled:
    """Continue rows of tokens by the model in training: under transformers, or by vLLM with its weights."""
    if trainer.memory is None:
        tokens, logprobs = trainer._generate_single_turn(rows, None, {}, 1)
        return Sampled(tokens, logprobs)
    if trainer.twin is not None:
        with torch.no_grad():
            return Sampled(trainer.memory.sample(trainer.twin.model, rows))
    arguments = trainer.args
    with (
        unwrap_model_for_generation(
            trainer.model_wrapped,
            trainer.accelerator,
            gather_deepspeed3_params=arguments.ds3_gather_for_generation,
            gradient_checkpointing_kwargs=arguments.gradient_checkpointing_kwargs,
        ) as model,
        torch.no_grad(),
        trainer._dist.summon_full_params(trainer.model_wrapped, recurse=False),
    ):
        return Sampled(trainer.memory.sample(model, rows))
