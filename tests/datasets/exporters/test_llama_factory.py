"""LLaMA-Factory's rows: alternating roles, calls that its formatter parses, tools as it reads them."""

from __future__ import annotations

import json
import re

from envfactory.datasets.exporters.llama_factory import COLUMNS, TAGS, dataset_info, row
from envfactory.datasets.sft import SftOptions, sft_row
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope


def test_roles_alternate_and_end_with_the_model(booked: Task, scope: Scope) -> None:
    sft = sft_row(booked, scope, SftOptions(faults=1.0, seed=1))
    assert isinstance(sft, dict)
    said = [each["from"] for each in row(sft)["conversations"]]
    assert {*said[::2]} <= {"human", "observation"}
    assert {*said[1::2]} <= {"gpt", "function_call"}
    assert len(said) % 2 == 0


def test_a_call_is_json_after_its_think_block(booked: Task, scope: Scope) -> None:
    sft = sft_row(booked, scope, SftOptions(faults=0.0))
    assert isinstance(sft, dict)
    made = row(sft)
    called = next(each["value"] for each in made["conversations"] if each["from"] == "function_call")
    block = re.search(r"<think>\n(.*?)\n</think>\n\n", called, re.DOTALL)
    assert block is not None
    assert json.loads(called.replace(block[0], "")) == {"name": "search_boats", "arguments": booked.gold[0].arguments}
    assert json.loads(made["tools"])[0]["name"] == "search_boats"
    assert made["system"] == sft["messages"][0]["content"]


def test_the_table_of_datasets_names_files_columns_and_tags() -> None:
    info = dataset_info(["train"])["envfactory_train"]
    assert info["file_name"] == "train.jsonl"
    assert (info["formatting"], info["columns"], info["tags"]) == ("sharegpt", COLUMNS, TAGS)
