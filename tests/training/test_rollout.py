"""Rollouts within a training step: played in lockstep, paid, masked; what breaks is data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from envfactory.errors import DeadlineExceeded
from envfactory.rollouts.episode import Budget
from envfactory.rollouts.formats import ToolCall, write
from envfactory.tasks.facts import gold_answers
from envfactory.tasks.files import read_rollouts
from envfactory.tasks.model import Task
from envfactory.tasks.play import Episodes
from envfactory.tasks.scope import Scope
from envfactory.training.grpo_config import GrpoSection
from envfactory.training.ranksafe import Sampled, Together, Tokens
from envfactory.training.rollout import Scored, TaskRollouts, TrainingTask, as_trl, paid
from envfactory.training.rollout_tokens import Encoder, Limits
from tests.training.tiny import tiny

WIDE = Limits(message=500, completion=8000, context=20_000)
BROKEN = "<tool_call>{book}</tool_call>"
Play = Callable[..., list[Scored]]


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return tiny().tokenizer


def gold_texts(task: Task) -> list[str]:
    """What a model that knows the gold writes, message by message."""
    texts = []
    for turn, answer in zip(task.turns, gold_answers(task), strict=True):
        texts += [write("", [ToolCall(call.tool, call.arguments)]) for call in task.gold[slice(*turn.calls)]]
        texts.append(answer)
    return texts


class Script:
    """A model that writes, in the row that it is given first, one list of texts, in the second another, and so on."""

    def __init__(self, tokenizer: Any, *texts: list[str]) -> None:
        self._tokenizer = tokenizer
        self._left: list[Iterator[str]] = [iter(each) for each in texts]
        self._prompts: list[Tokens] = []
        self.rounds = 0

    def __call__(self, rows: list[Tokens]) -> Sampled:
        if not self._prompts:
            self._prompts = [list(row) for row in rows]
        places = range(len(rows)) if self.rounds == 0 else [self._place(row) for row in rows]
        self.rounds += 1
        made = [next(self._left[place]) for place in places]
        ends = [] if any(text.endswith("…") for text in made) else [self._tokenizer.eos_token_id]
        return Sampled([[*self._tokenizer(text)["input_ids"], *ends] for text in made])

    def _place(self, row: Tokens) -> int:
        """Tell rows apart by the prompts they begin with."""
        return next(place for place, prompt in enumerate(self._prompts) if row[: len(prompt)] == prompt)


@pytest.fixture
def play(scope: Scope, tokenizer: Any, tmp_path: Path) -> Play:
    """Plays tasks, each by a script of its own; the settings are GrpoSection's."""

    def made(scripts: list[tuple[Task, list[str]]], limits: Limits = WIDE, **settings: Any) -> list[Scored]:
        rollouts = TaskRollouts(
            scope, Encoder(tokenizer), GrpoSection(**settings), limits, file=tmp_path / "rollouts.jsonl"
        )
        tasks = [TrainingTask(task, f"Help with {task.id}.", Budget(8, 9)) for task, _ in scripts]
        model = Script(tokenizer, *(texts for _, texts in scripts))
        spare = rollouts.prompt_of(tasks[0])
        return rollouts.play(tasks, Together(model, lambda number: number, spare), "grpo@7")

    return made


def test_attempts_of_unequal_length_are_played_side_by_side(play: Play, porto: Task, rating: Task) -> None:
    short = [write("", [ToolCall("boat_hire__get_boat", rating.gold[0].arguments)]), *gold_answers(rating)]
    gold, brief = play([(porto, gold_texts(porto)), (rating, short)])
    assert (gold.pay, brief.pay) == (1.0, 1.0)
    assert (gold.tokens.episode.ended, len(gold.tokens.episode.rollout().calls)) == ("complete", 4)


def test_a_malformed_call_costs_and_does_not_end_it(play: Play, porto: Task) -> None:
    (scored,) = play([(porto, [BROKEN, *gold_texts(porto)])], malformed_penalty=0.05)
    assert scored.grade.solved
    # one call beyond the gold's number costs 0.01, the penalty is on top
    assert scored.pay == pytest.approx(1 - 0.01 - 0.05)


def test_penalties_are_bounded(play: Play, porto: Task) -> None:
    (scored,) = play([(porto, [*[BROKEN] * 4, *gold_texts(porto)])], malformed_penalty=0.05, most_penalty=0.1)
    assert scored.pay == pytest.approx(1 - 0.04 - 0.1)


@pytest.mark.parametrize(
    ("how", "pay", "in_loss"), [("penalise", -0.3, True), ("keep", -0.2, True), ("mask", -0.2, False)]
)
def test_truncated_rollouts_are_data(play: Play, porto: Task, how: str, pay: float, in_loss: bool) -> None:
    (scored,) = play([(porto, ["and so on and so on…"])], truncated=how, truncated_penalty=0.1)
    assert (scored.pay, scored.in_loss, scored.tokens.episode.ended) == (pytest.approx(pay), in_loss, "cut")
    told = as_trl([scored], with_logprobs=False)
    assert set(told["env_mask"][0]) == ({1} if in_loss else {0})


@pytest.mark.parametrize("texts", [["No."] * 3, [BROKEN, *["No."] * 3], [*[BROKEN] * 4, *["No."] * 3]])
def test_silence_pays_no_more_than_calls_that_cannot_be_read(play: Play, porto: Task, texts: list[str]) -> None:
    (scored,) = play([(porto, texts)], malformed_penalty=0.05, idle_penalty=0.2)
    assert scored.pay == pytest.approx(-0.2)


def test_a_call_that_was_made_pays_more_than_none(play: Play, porto: Task) -> None:
    unknown = write("", [ToolCall("search_boats", {"harbour": "Nowhere"})])
    (scored,) = play([(porto, [BROKEN, unknown, *["No."] * 3])])
    assert scored.pay == pytest.approx(-0.05)


def test_what_infrastructure_breaks_is_not_scored_nor_learnt_from(
    play: Play, porto: Task, rating: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = Episodes.call

    def hanging(self: Episodes, environment: str, tool: str, arguments: object) -> object:
        if tool == "get_boat":
            raise DeadlineExceeded("no answer in 5 s")
        return call(self, environment, tool, arguments)

    monkeypatch.setattr(Episodes, "call", hanging)
    reading = write("", [ToolCall("boat_hire__get_boat", rating.gold[0].arguments)])
    broken, whole = play([(rating, [reading]), (porto, gold_texts(porto))])
    assert (broken.pay, broken.in_loss, whole.pay) == (None, False, 1.0)
    told = as_trl([broken, whole], with_logprobs=False)
    assert (set(told["env_mask"][0]), told["pay"]) == ({0}, [None, 1.0])


def test_one_that_cannot_begin_has_an_end_that_is_not_trained_on(play: Play, porto: Task, tokenizer: Any) -> None:
    (scored,) = play([(porto, [])], limits=Limits(message=5, completion=10, context=20))
    told = as_trl([scored], with_logprobs=True)
    assert told["completion_ids"] == [[tokenizer.eos_token_id]]
    assert (told["env_mask"], told["logprobs"]) == ([[0]], [[0.0]])


def test_rollouts_are_kept_to_be_graded_again(play: Play, porto: Task, tmp_path: Path) -> None:
    play([(porto, gold_texts(porto))])
    (stored,) = read_rollouts(tmp_path / "rollouts.jsonl")
    assert (stored.task, stored.solver, stored.rewarded_by) == ("porto", "grpo@7", "goal")
    assert (stored.grade and stored.grade.reward, stored.messages[0]["content"]) == (1.0, "Help with porto.")


def test_the_paper_s_reward_is_paid_where_it_is_asked_for(play: Play, porto: Task) -> None:
    (scored,) = play([(porto, gold_texts(porto)[:1] + ["No."] * 3)], reward="paper")
    # searched but neither booked nor paid: no trace of all gold calls, and another final state; yet it was not idle
    assert (scored.pay, set(scored.grade.parts) >= {"trace", "state"}) == (0.0, True)


def test_the_reward_function_hands_on_pay_and_tells_the_metrics(play: Play, porto: Task) -> None:
    told = as_trl(play([(porto, gold_texts(porto))]), with_logprobs=False)
    logged: dict[str, float] = {}
    assert paid(told["pay"], told["told"], logged.__setitem__, prompts=[], completions=[]) == [1.0]
    assert {
        name: logged[name] for name in ("solve_rate", "rollouts/calls", "rollouts/turns", "rollouts/truncated")
    } == {
        "solve_rate": 1.0,
        "rollouts/calls": 4.0,
        "rollouts/turns": 3.0,
        "rollouts/truncated": 0.0,
    }
