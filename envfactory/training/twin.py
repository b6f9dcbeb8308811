"""A twin of the model in training that only speaks: adapters merged into its weights, all of it in bfloat16.

On a CPU most of a token's time goes into reading weights, into the adapters' small products, and, under autocast, into
casting frozen weights anew for every token. The twin has none of that, for the price of a second model in half the bytes.
It is brought up to date before each generation; its rounding is of the kind that autocast itself has.
"""

from __future__ import annotations

from typing import Any

import torch


class Twin:
    """Speaks for a model whose parameters are whole in this process (not sharded)."""

    def __init__(self, model: Any, dtype: Any = torch.bfloat16) -> None:
        origin = plain(model)
        with torch.device(next(origin.parameters()).device):
            self.model = type(origin)(origin.config).eval()
        for each in self.model.parameters():  # and no buffers: frequencies of positions must stay exact
            each.requires_grad_(False).data = each.data.to(dtype)
        self.refresh(model)

    def refresh(self, model: Any) -> None:
        """Take over the model's weights as they are now."""
        origin = plain(model)
        with torch.no_grad():
            for name, parameter in origin.named_parameters():
                if ".lora_" not in name and not name.endswith(".base_layer.weight"):
                    self.model.get_parameter(name.replace(".base_layer.", ".")).copy_(parameter)
            for name, module in origin.named_modules():
                if hasattr(module, "get_delta_weight"):
                    merged = sum(map(module.get_delta_weight, module.active_adapters), start=module.base_layer.weight)
                    self.model.get_parameter(f"{name}.weight").copy_(merged)


def plain(model: Any) -> Any:
    """Return the model inside its adapters, or the model where it has none."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model
