"""Supervised fine-tuning: a model learns to write what the assistant writes in a dataset's conversations.

TRL's trainer does the work; around it stand our data, the early ends, and what a run leaves behind: a model that
evaluation and GRPO load like any other. Under a launcher every process calls `train_sft`, and the first one writes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from envfactory.errors import TaskError
from envfactory.training.arguments import common_arguments, lora
from envfactory.training.data import Counts, conversations, encoded
from envfactory.training.extra import require
from envfactory.training.keeping import save_model
from envfactory.training.models import Loaded, load, quieten
from envfactory.training.runs import TrainingRun, Unwatched, Watcher, tell


def train_sft(run: TrainingRun, watcher: Watcher | None = None) -> dict[str, Any]:
    """Train as the run says, and return what came of it: steps, losses, why it ended.

    The run has begun (`runs.begin`). Raise UserError where something that is needed is missing, or nothing is left to
    train on.
    """
    require("training")
    quieten()
    from transformers import PrinterCallback
    from trl import SFTConfig, SFTTrainer

    from envfactory.training.metrics import Floors, MetricsWriter, Patience

    seen = watcher or Unwatched()
    validated = (run.dataset / "sft" / "validation.jsonl").is_file()
    # Made before the model: under ZeRO-3 a model is sharded while it is loaded, and this is what tells it so.
    arguments = SFTConfig(
        **common_arguments(run, validated=validated),
        max_length=run.config.data.max_length,
        packing=run.config.data.packing,
        eval_packing=False,
        dataset_kwargs={"skip_prepare_dataset": not run.config.data.packing},
    )
    seen.note(f"loading {run.config.model.name}")
    loaded = load(run.config.model.name, run.config.model.dtype, run.config.model.template, run.config.model.attention)
    train, counts = _prepared(run, "train", loaded, seen)
    validation, _ = _prepared(run, "validation", loaded, seen) if validated else (None, None)
    first = arguments.process_index == 0
    if first:
        tell(run, counts=counts.told())
    ends: list[Any] = [Floors.of(run.config.sft)]
    if run.config.sft.patience is not None and validation is not None:
        ends.append(Patience(run.config.sft.patience))
    trainer = SFTTrainer(
        model=loaded.model,
        args=arguments,
        train_dataset=train,
        eval_dataset=validation,
        processing_class=loaded.tokenizer,
        peft_config=lora(run.config.model.lora),
        callbacks=[MetricsWriter(run.metrics, seen), *ends],
    )
    trainer.remove_callback(PrinterCallback)
    came = trainer.train(resume_from_checkpoint=run.resume_point)
    save_model(run, trainer, loaded.tokenizer)
    result = {
        "steps": trainer.state.global_step,
        "train_loss": came.training_loss,
        "eval_loss": trainer.state.best_metric,
        "best_step": trainer.state.best_global_step,
        "ended": next((end.reached for end in ends if end.reached), "all steps were taken"),
    }
    if first:
        tell(run, status="done", result=result)
    return result


def _prepared(run: TrainingRun, split: str, loaded: Loaded, watcher: Watcher) -> tuple[Any, Counts]:
    """Return a split as the trainer takes it, telling what was left out."""
    data = run.config.data
    if split == "validation":  # other environments than those of training, so their choice says nothing about it
        data = data.model_copy(update={"environments": (), "limit": None})
    rows, read = conversations(run.dataset, split, data)
    if not rows:
        raise TaskError(f"none of {read} {split} conversations is chosen", remedy="loosen the limits in [data]")
    made, counts = encoded(rows, loaded.tokenizer, data.max_length)
    counts = replace(counts, read=read)
    if split == "validation" and data.validation and len(made) > data.validation:
        made = made.select([place * len(made) // data.validation for place in range(data.validation)])
    left = f", {counts.too_long} longer than {data.max_length} tokens left out" if counts.too_long else ""
    watcher.note(
        f"{split}: {len(made)} of {read} conversations{left}; {counts.tokens} tokens, {counts.trained} of them trained on"
    )
    if not len(made):
        raise TaskError(
            f"every one of {len(rows)} {split} conversations is longer than {data.max_length} tokens",
            remedy=f"raise data.max_length (the longest has {counts.longest}), or show fewer tools: data.most_tools",
        )
    return made, counts
