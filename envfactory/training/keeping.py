"""How a run ends, SFT's and GRPO's alike: one model in its folder, which evaluation and further training load."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from envfactory.training.models import keep
from envfactory.training.runs import TrainingRun


def save_model(run: TrainingRun, trainer: Any, tokenizer: Any) -> None:
    """Keep the model: the best checkpoint's, or what training ended with.

    Weights are taken from files and not from the trainer, since under ZeRO no process holds all of them.
    """
    from transformers.integrations.deepspeed import unset_hf_deepspeed_config

    best = trainer.state.best_model_checkpoint if run.config.sft.best else None
    source = Path(best) if best is not None else run.folder / ".last"
    if best is None:
        trainer.save_model(str(source))
    trainer.accelerator.wait_for_everyone()
    if trainer.is_world_process_zero():
        unset_hf_deepspeed_config()  # else the base that an adapter is merged into would be sharded, by one process alone
        model = run.config.model
        keep(source, model.name, tokenizer, run.model, merge=run.config.sft.save == "merged", dtype=model.dtype)
        shutil.rmtree(run.folder / ".last", ignore_errors=True)
    trainer.accelerator.wait_for_everyone()
