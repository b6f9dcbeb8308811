"""What SFT and GRPO tell their trainers alike: how weights change, when the state is kept, on what all of it runs."""

from __future__ import annotations

from typing import Any

from envfactory.training.config import LoraSection
from envfactory.training.extra import require
from envfactory.training.runs import TrainingRun
from envfactory.training.zero import zero_settings


def common_arguments(run: TrainingRun, *, validated: bool) -> dict[str, Any]:
    """Return the arguments that both trainers' settings take. `validated`: there is something to validate on."""
    chosen = run.config.optimisation
    return {
        "output_dir": str(run.checkpoints),
        "learning_rate": chosen.learning_rate,
        "lr_scheduler_type": chosen.schedule,
        "warmup_steps": chosen.warmup,  # below 1 a share of all steps
        "per_device_train_batch_size": chosen.batch,
        "per_device_eval_batch_size": chosen.batch,
        "gradient_accumulation_steps": chosen.accumulate,
        "num_train_epochs": chosen.epochs,
        "max_steps": chosen.steps or -1,
        "weight_decay": chosen.weight_decay,
        "max_grad_norm": chosen.clip_norm,
        "seed": chosen.seed,
        "data_seed": chosen.seed,
        "gradient_checkpointing": run.config.model.gradient_checkpointing,
        "disable_tqdm": True,
        "logging_steps": run.config.report.every,
        "logging_first_step": True,
        **_keeping(run, validated),
        **_machine(run),
        **_reporting(run),
    }


def _keeping(run: TrainingRun, validated: bool) -> dict[str, Any]:
    """When checkpoints are written and judged: both at the same steps, so that the best one is there."""
    every = run.config.checkpoints.every
    when = {"strategy": "epoch"} if every is None else {"strategy": "steps", "steps": every}
    told: dict[str, Any] = {f"save_{name}": value for name, value in when.items()}
    if validated:
        told |= {f"eval_{name}": value for name, value in when.items()}
        told |= {"metric_for_best_model": "eval_loss", "greater_is_better": False}
    return {**told, "save_total_limit": run.config.checkpoints.keep}


def _machine(run: TrainingRun) -> dict[str, Any]:
    import torch

    gpu = torch.cuda.is_available()
    zero = zero_settings(run.config.launch.zero, gpu=gpu, offload=run.config.launch.offload)
    if zero is not None:
        require("ZeRO", ("deepspeed",))
    return {
        "use_cpu": not gpu,
        "bf16": run.config.optimisation.autocast or run.config.model.dtype == "bfloat16",
        "deepspeed": zero,
        "dataloader_pin_memory": gpu,
        "ddp_find_unused_parameters": False,
    }


def _reporting(run: TrainingRun) -> dict[str, Any]:
    chosen = run.config.report
    if chosen.to == "none":
        return {"report_to": "none"}
    require(f"reporting to {chosen.to}", (chosen.to,), f"pip install {chosen.to}")
    return {"report_to": chosen.to, "run_name": chosen.name or run.folder.name, "project": chosen.project}


def lora(section: LoraSection | None) -> Any:
    """Return the settings of the adapters, or None where all weights are trained."""
    if section is None:
        return None
    from peft import LoraConfig

    targets = section.targets
    return LoraConfig(
        r=section.rank,
        lora_alpha=section.alpha,
        lora_dropout=section.dropout,
        target_modules=targets if targets == "all-linear" else [each.strip() for each in targets.split(",")],
        task_type="CAUSAL_LM",
    )
