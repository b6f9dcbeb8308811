"""The twin says what the model in training would say, adapters included, whenever it was brought up to date."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model

from envfactory.training.twin import Twin
from tests.training.tiny import tiny

WORDS = torch.tensor([[1, 2, 3, 4, 5]])


@pytest.fixture(params=["plain", "adapters"])
def model(request: pytest.FixtureRequest) -> Any:
    torch.manual_seed(0)
    made = tiny().model
    if request.param == "plain":
        return made
    return get_peft_model(made, LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False))


def apart(twin: Twin, model: Any) -> float:
    """Return how far apart what both say of the next words is, at most, in shares of the largest number."""
    with torch.no_grad():
        theirs, own = twin.model(WORDS).logits.float(), model(WORDS).logits
    return float((theirs - own).abs().max() / own.abs().max())


@pytest.mark.parametrize(("dtype", "rounding"), [(torch.bfloat16, 0.1), (torch.float32, 1e-5)])
def test_a_twin_differs_by_no_more_than_rounding(model: Any, dtype: Any, rounding: float) -> None:
    twin = Twin(model, dtype)
    assert {each.dtype for each in twin.model.parameters()} == {dtype}
    assert apart(twin, model) < rounding


def test_a_twin_follows_what_was_learnt_once_it_is_refreshed(model: Any) -> None:
    twin = Twin(model, torch.float32)
    with torch.no_grad():
        for each in model.parameters():
            if each.requires_grad:
                each.mul_(1.5)
    assert apart(twin, model) > 0.1
    twin.refresh(model)
    assert apart(twin, model) < 1e-5
