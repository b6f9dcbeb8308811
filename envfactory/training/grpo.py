"""GRPO: a model plays tasks in the verified environments, many attempts at each, and learns from which were better.

TRL's trainer does the work; around it stand rollouts (`rollout`), the order of tasks (`curriculum`) and what a run
leaves behind. Under a launcher every process calls `train_grpo`, each with a sandbox of its own, and the first writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from envfactory.errors import ConfigError, TaskError
from envfactory.tasks.scope import Scope, folders_of
from envfactory.training.arguments import common_arguments, lora
from envfactory.training.curriculum import schedule, within
from envfactory.training.extra import require
from envfactory.training.grpo_data import TaskCounts, training_tasks
from envfactory.training.keeping import save_model
from envfactory.training.models import Loaded, load, quieten
from envfactory.training.rollout import TaskRollouts, TrainingTask, paid
from envfactory.training.rollout_tokens import Encoder, Limits
from envfactory.training.runs import TrainingRun, Unwatched, Watcher, tell


def train_grpo(run: TrainingRun, watcher: Watcher | None = None, *, tier: str = "auto") -> dict[str, Any]:
    """Train as the run says, and return what came of it: steps, loss.

    The run has begun (`runs.begin`). Raise UserError where something that is needed is missing, or no task is left.
    """
    require("training")
    quieten()
    from transformers import PrinterCallback

    from envfactory.training.grpo_trainer import RolloutFunction, TaskTrainer
    from envfactory.training.metrics import MetricsWriter

    seen, settings = watcher or Unwatched(), run.config.grpo
    arguments = grpo_arguments(run)  # before the model: under ZeRO-3 a model is sharded while it is loaded
    chosen, counts = chosen_tasks(run)
    model = run.config.model
    seen.note(f"loading {model.name}")
    loaded = load(model.name, model.dtype, model.template, model.attention)
    with open_scope(chosen, settings.library, tier) as scope:
        rollouts = task_rollouts(run, scope, loaded, arguments.process_index)
        chosen, counts = _short_enough(chosen, counts, rollouts, settings.prompt_tokens)
        seen.note(_summary(counts, settings.prompt_tokens))
        trainer = TaskTrainer(
            model=loaded.model,
            args=arguments,
            train_dataset=as_prompts(_scheduled(run, chosen, arguments)),
            processing_class=loaded.tokenizer,
            reward_funcs=[paid],
            rollout_func=RolloutFunction(rollouts, {each.task.id: each for each in chosen}, settings.side_by_side),
            peft_config=lora(model.lora),
            callbacks=[MetricsWriter(run.metrics, seen)],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.limit_messages(settings.message_tokens)
        if settings.keep_cache and settings.side_by_side is None:
            trainer.remember(settings.message_tokens)
        if settings.twin and not trainer.speak_by_twin():
            seen.note(
                "grpo.twin is without effect: it takes grpo.keep_cache, no side_by_side, no vLLM and no DeepSpeed"
            )
        if arguments.process_index == 0:
            tell(run, counts=counts.told())
        came = trainer.train(resume_from_checkpoint=run.resume_point)
    save_model(run, trainer, loaded.tokenizer)
    result = {"steps": trainer.state.global_step, "train_loss": came.training_loss, "ended": "all steps were taken"}
    if arguments.process_index == 0:
        tell(run, status="done", result=result)
    return result


def grpo_arguments(run: TrainingRun) -> Any:
    """Return TRL's settings. Raise ConfigError where groups do not fit the batches."""
    from trl import GRPOConfig

    settings = run.config.grpo
    _check_groups(run)
    return GRPOConfig(
        **common_arguments(run, validated=False),
        remove_unused_columns=False,
        shuffle_dataset=False,  # the curriculum has put the tasks in order
        num_generations=settings.group,
        steps_per_generation=settings.generations,
        num_iterations=settings.updates,
        max_completion_length=settings.completion_tokens,
        temperature=settings.temperature,
        top_p=settings.top_p,
        top_k=settings.top_k,
        beta=settings.kl,
        epsilon=settings.clip,
        epsilon_high=settings.clip_high,
        loss_type=settings.loss,
        scale_rewards=settings.scale,
        mask_truncated_completions=False,  # rollouts know better what truncated them, and are masked by themselves
        chat_template_kwargs=template_options(run),
        **_vllm(run),
    )


def template_options(run: TrainingRun) -> dict[str, Any]:
    """Return what chat templates are told besides messages and tools: those that can think need not."""
    return {"enable_thinking": run.config.data.reasoning}


def _check_groups(run: TrainingRun) -> None:
    size = run.config.optimisation.batch * run.config.launch.processes * run.config.launch.machines
    size *= run.config.grpo.generations or run.config.optimisation.accumulate
    group = run.config.grpo.group
    if size % group:
        raise ConfigError(
            f"{size} rollouts a generation cannot be parted into groups of {group}",
            remedy="batch x processes x generations (or accumulate) must be a multiple of grpo.group",
        )


def _vllm(run: TrainingRun) -> dict[str, Any]:
    chosen = run.config.grpo.vllm
    if chosen.mode == "off":
        return {}
    require("generation by vLLM", ("vllm",), "pip install 'vllm>=0.22,<=0.31' on a machine with GPUs")
    return {
        "use_vllm": True,
        "vllm_mode": chosen.mode,
        "vllm_gpu_memory_utilization": chosen.memory,
        "vllm_tensor_parallel_size": chosen.tensor_parallel,
        "vllm_max_model_length": run.config.grpo.prompt_tokens + run.config.grpo.completion_tokens,
        "vllm_enable_sleep_mode": chosen.sleep,
        "vllm_server_host": chosen.host,
        "vllm_server_port": chosen.port,
        "vllm_group_port": chosen.group_port,
        "vllm_importance_sampling_mode": chosen.correction,
    }


# --- tasks ------------------------------------------------------------------------------------------------------------


def chosen_tasks(run: TrainingRun) -> tuple[list[TrainingTask], TaskCounts]:
    """Return the tasks of the train split that the configuration and its curriculum choose; TaskError where none is."""
    chosen, read = training_tasks(run.dataset, "train", run.config.data)
    if not chosen:
        raise TaskError(f"none of {read} train tasks is chosen", remedy="loosen the limits in [data]")
    kept = within([each.rate for each in chosen], run.config.grpo.curriculum)
    counts = TaskCounts(read=read, chosen=len(chosen), out_of_band=len(chosen) - len(kept))
    return [chosen[place] for place in kept], counts


def open_scope(tasks: Sequence[TrainingTask], library: Path, tier: str) -> Scope:
    """Open the environments that tasks name; ArtefactError where the library lacks one."""
    return Scope.open(folders_of([each.task for each in tasks], library), tier=tier)


def _short_enough(
    tasks: Sequence[TrainingTask], counts: TaskCounts, rollouts: TaskRollouts, most: int
) -> tuple[list[TrainingTask], TaskCounts]:
    """Leave out tasks whose prompt has too many tokens; TaskError where nothing is left."""
    lengths = [len(rollouts.prompt_of(each)) for each in tasks]
    kept = [each for each, length in zip(tasks, lengths, strict=True) if length <= most]
    if not kept:
        raise TaskError(
            f"every one of {len(tasks)} prompts is longer than {most} tokens",
            remedy=f"raise grpo.prompt_tokens (the longest has {max(lengths)}), or show fewer tools: data.most_tools",
        )
    return kept, replace(counts, too_long=len(tasks) - len(kept), longest_prompt=max(lengths))


def _summary(counts: TaskCounts, most: int) -> str:
    kept = counts.chosen - counts.out_of_band - counts.too_long
    left = [f"{counts.out_of_band} out of the curriculum's band"] if counts.out_of_band else []
    left += [f"{counts.too_long} with a prompt over {most} tokens"] if counts.too_long else []
    return f"{kept} of {counts.read} tasks" + (f", left out: {', '.join(left)}" if left else "")


def _scheduled(run: TrainingRun, tasks: Sequence[TrainingTask], arguments: Any) -> list[TrainingTask]:
    """Return the tasks in the order of training, one for each group of the whole run."""
    groups = arguments.generation_batch_size // arguments.num_generations  # in one generation
    chosen = run.config.optimisation
    if chosen.steps is None:
        generations = -(-round(chosen.epochs * len(tasks)) // groups)
    else:
        batches = arguments.steps_per_generation * arguments.num_iterations
        generations = -(-chosen.steps * chosen.accumulate // batches)
    rates = [each.rate for each in tasks]
    settings = run.config.grpo
    return schedule(tasks, rates, generations * groups, settings.curriculum, settings.group, chosen.seed)


def as_prompts(tasks: Sequence[TrainingTask]) -> Any:
    """Return tasks as the dataset that the trainer goes through: prompts, and which task each is of."""
    from datasets import Dataset

    from envfactory.training.grpo_trainer import TASK

    return Dataset.from_list([{"prompt": _prompt(each), TASK: each.task.id} for each in tasks])


def _prompt(each: TrainingTask) -> list[dict[str, str]]:
    opening = {"role": "user", "content": each.task.turns[0].text}
    return [{"role": "system", "content": each.system}, opening]


def task_rollouts(run: TrainingRun, scope: Scope, loaded: Loaded, rank: int) -> TaskRollouts:
    """Return what plays a process's rollouts, and keeps them in a file of its own where that is wanted."""
    settings = run.config.grpo
    context = getattr(loaded.model.config, "max_position_embeddings", None)
    whole = settings.prompt_tokens + settings.completion_tokens
    limits = Limits(settings.message_tokens, settings.completion_tokens, min(context or whole, whole))
    return TaskRollouts(
        scope,
        Encoder(loaded.tokenizer, template_options(run)),
        settings,
        limits,
        most_tools=run.config.data.most_tools,
        file=run.folder / "rollouts" / f"rank-{rank}.jsonl" if settings.keep_rollouts else None,
    )
