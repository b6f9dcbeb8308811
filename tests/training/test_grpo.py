"""GRPO from end to end on a model of two random layers: it trains, says what happened, and goes on where it was ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envfactory.datasets.formats import line
from envfactory.datasets.rl import RlOptions, rl_row
from envfactory.errors import ConfigError, TaskError
from envfactory.rollouts.episode import TaskEpisode
from envfactory.rollouts.formats import ToolCall, write
from envfactory.tasks.facts import gold_answers
from envfactory.tasks.files import read_rollouts
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope
from envfactory.training import grpo
from envfactory.training.config import load_config
from envfactory.training.models import load
from envfactory.training.ranksafe import Sampled, Tokens
from envfactory.training.rollout_tokens import Encoder
from envfactory.training.runs import TrainingRun, Unwatched, begin, read_metrics, told_of
from tests.training.tiny import tiny_folder

SMALL = (
    "grpo.group=2",
    "grpo.message_tokens=300",
    "grpo.completion_tokens=2000",
    "grpo.prompt_tokens=6000",
    "data.most_tools=2",
    "optimisation.batch=4",
    "optimisation.learning_rate=0.01",
    "checkpoints.every=1",
)
Begin = Callable[..., TrainingRun]
SILLY = "Zzz zzz"


class Notes(Unwatched):
    """Keeps what is said of a run."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def note(self, text: str) -> None:
        self.heard.append(text)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def begun(rating: Task, scope: Scope, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Begins runs on one task, whose environments are those of the tests."""
    data = tmp_path / "data"
    (data / "rl").mkdir(parents=True)
    (data / "rl" / "train.jsonl").write_bytes(line(rl_row(rating, scope, RlOptions())))
    monkeypatch.setattr(grpo, "open_scope", lambda tasks, library, tier: scope)
    monkeypatch.setattr(Scope, "close", lambda self: None)  # it is every test's

    def begin_run(*assignments: str, resume: bool = False) -> TrainingRun:
        over = {"model": {"name": str(model), "template": "compact"}, "data": {"dataset": str(data)}}
        run = TrainingRun(tmp_path / "run", "grpo", load_config(None, None, [*SMALL, *assignments], over), resume)
        begin(run)
        return run

    return begin_run


@pytest.fixture
def half_wise(rating: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every second row of a generation be the gold's next message, and the others say something silly."""
    from envfactory.training import grpo_trainer

    call, answer = good_call(rating), gold_answers(rating)[0]

    def sample(trainer: Any, rows: list[Tokens]) -> Sampled:
        tokenizer = trainer.processing_class
        first = tokenizer.decode(rows[0]).count("<|im_start|>assistant") == 1
        texts = [(call if place % 2 == 0 else SILLY) if first else answer for place in range(len(rows))]
        return Sampled([[*tokenizer(text)["input_ids"], tokenizer.eos_token_id] for text in texts])

    monkeypatch.setattr(grpo_trainer, "sample", sample)


def good_call(task: Task) -> str:
    return write("", [ToolCall("boat_hire__get_boat", task.gold[0].arguments)])


def preference(folder: Path, task: Task, scope: Scope) -> float:
    """Return by how much likelier a model's first message is the gold's call than the silly answer (in nats)."""
    import torch

    loaded = load(str(folder), template="compact")
    with TaskEpisode(task, scope, most_tools=2) as episode:
        prompt = Encoder(loaded.tokenizer).prompt(episode.messages, episode.tools)
    told = []
    for text in (good_call(task), SILLY):
        message = [*loaded.tokenizer(text)["input_ids"], loaded.tokenizer.eos_token_id]
        with torch.no_grad():
            logits = loaded.model(torch.tensor([prompt + message])).logits[0, len(prompt) - 1 : -1]
        told.append(torch.log_softmax(logits, -1).gather(1, torch.tensor(message)[:, None]).mean().item())
    return told[0] - told[1]


@pytest.mark.long
def test_what_is_better_than_the_rest_of_its_group_becomes_likelier(
    begun: Begin, half_wise: None, model: Path, rating: Task, scope: Scope
) -> None:
    run = begun("optimisation.steps=2", "optimisation.warmup=0.0", "optimisation.schedule='constant'")
    result = grpo.train_grpo(run)
    (first, *_) = read_metrics(run.metrics)
    assert (result["steps"], told_of(run.folder)["status"]) == (2, "done")
    assert (first["solve_rate"], first["rollouts/earned"], first["groups/zero_variance"]) == (0.5, 0.5, 0.0)
    assert first["reward"] == pytest.approx(0.4)  # half of them earn 1, half lose 0.2 for doing nothing
    assert first["grad_norm"] > 0
    assert preference(run.model, rating, scope) > preference(model, rating, scope) + 0.1


@pytest.mark.long
def test_a_run_goes_on_where_it_was_ended(begun: Begin, half_wise: None) -> None:
    grpo.train_grpo(begun("optimisation.steps=1"))
    run = begun("optimisation.steps=3", resume=True)
    result = grpo.train_grpo(run)
    steps = [each["step"] for each in read_metrics(run.metrics) if "reward" in each]
    assert (result["steps"], steps) == (3, [1, 2, 3])
    assert [each.solver for each in read_rollouts(run.folder / "rollouts" / "rank-0.jsonl")][::4] == [
        "grpo@0",
        "grpo@1",
        "grpo@2",
    ]


@pytest.mark.long
@pytest.mark.parametrize(
    ("cache", "twin", "vain"), [("true", "false", False), ("false", "true", True), ("true", "true", False)]
)
def test_the_model_itself_is_sampled_and_its_messages_are_cut_at_their_limit(
    begun: Begin, cache: str, twin: str, vain: bool
) -> None:
    limits = ("grpo.message_tokens=7", "grpo.truncated='mask'", f"grpo.keep_cache={cache}", f"grpo.twin={twin}")
    run, notes = begun("optimisation.steps=1", "grpo.kl=0.1", *limits), Notes()
    grpo.train_grpo(run, notes)
    assert any("grpo.twin is without effect" in note for note in notes.heard) is vain
    made = list(read_rollouts(run.folder / "rollouts" / "rank-0.jsonl"))
    assert (len(made), max(each.tokens for each in made) <= 7) == (4, True)
    (metrics, *_) = read_metrics(run.metrics)
    assert (metrics["rollouts/truncated"], metrics["grad_norm"]) == (1.0, 0.0)  # nothing is left in the loss
    assert metrics["groups/zero_variance"] == 2.0


def test_groups_that_fit_no_batch_are_a_mistake(begun: Begin) -> None:
    with pytest.raises(ConfigError, match="4 rollouts a generation cannot be parted into groups of 3"):
        grpo.train_grpo(begun("grpo.group=3"))


def test_prompts_that_are_all_too_long_are_a_mistake(begun: Begin) -> None:
    with pytest.raises(TaskError, match="every one of 1 prompts is longer than 20 tokens"):
        grpo.train_grpo(begun("grpo.prompt_tokens=20"))


def test_vllm_without_vllm_is_one_clear_line(begun: Begin) -> None:
    with pytest.raises(Exception, match="generation by vLLM needs vllm"):
        grpo.train_grpo(begun("grpo.vllm.mode='colocate'"))


def test_what_trl_is_told_is_what_the_configuration_says(begun: Begin) -> None:
    run = begun("grpo.clip=0.1", "grpo.clip_high=0.3", "grpo.kl=0.02", "grpo.temperature=0.7", "grpo.updates=2")
    told = grpo.grpo_arguments(run)
    assert (told.epsilon, told.epsilon_high, told.beta, told.temperature) == (0.1, 0.3, 0.02, 0.7)
    assert (told.num_generations, told.num_iterations, told.shuffle_dataset) == (2, 2, False)


def test_run_json_counts_the_tasks(begun: Begin, half_wise: None) -> None:
    run = begun("optimisation.steps=1")
    chosen, counts = grpo.chosen_tasks(run)
    assert ([each.task.id for each in chosen], counts.read, counts.out_of_band) == (["rating"], 1, 0)
    assert json.loads((run.folder / "run.json").read_text())["method"] == "grpo"
