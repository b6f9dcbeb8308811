"""DeepSpeed's ZeRO settings: which parts of the training state are sharded among the processes.

Stage 1 shards the optimiser's state, 2 the gradients too, 3 the weights too. The CPU form leaves out what needs CUDA.
The optimiser is the trainer's own: DeepSpeed's are compiled on the machine, which is not needed for what is gained here.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def zero_settings(stage: int, *, gpu: bool, offload: bool = False) -> dict[str, Any] | None:
    """Return DeepSpeed's settings for a ZeRO stage; None for stage 0, which is plain data parallelism.

    With `offload` the sharded state lies in the machine's memory instead of the GPU's.
    """
    if stage == 0:
        return None
    name = f"zero{stage}-{'gpu' if gpu else 'cpu'}.json"
    settings: dict[str, Any] = json.loads(files(__name__).joinpath(name).read_text(encoding="utf-8"))
    if offload and gpu:
        zero = settings["zero_optimization"]
        zero["offload_optimizer"] = {"device": "cpu", "pin_memory": True}
        if stage == 3:
            zero["offload_param"] = {"device": "cpu", "pin_memory": True}
    return settings
