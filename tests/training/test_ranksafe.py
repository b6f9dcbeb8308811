"""Processes in step: equally many rounds of equally many rows, whatever each has left to do."""

from __future__ import annotations

import multiprocessing
import os
import socket
from multiprocessing.queues import Queue

import pytest

from envfactory.training.ranksafe import Most, Sampled, Together, Tokens

SPARE = [0]
WORK = {0: [[1], [2], [3]], 1: [[9]]}  # what each process has to continue; the second is done sooner, too


def doubled(rows: list[Tokens]) -> Sampled:
    """A model that says twice what it was told."""
    return Sampled([[2 * row[0]] for row in rows], [[-1.0] for _ in rows])


def test_alone_all_rows_are_continued_and_none_is_the_end() -> None:
    together = Together(doubled, lambda number: number, SPARE)
    assert together.round([[1], [2]]) == Sampled([[2], [4]], [[-1.0], [-1.0]])
    assert together.round([]) is None


def test_who_has_fewer_rows_sends_spare_ones_and_throws_away_what_comes_of_them() -> None:
    sent: list[int] = []

    def sample(rows: list[Tokens]) -> Sampled:
        sent.append(len(rows))
        return doubled(rows)

    together = Together(sample, lambda number: max(number, 3), SPARE)
    assert together.round([[5]]) == Sampled([[10]], [[-1.0]])
    assert together.round([]) == Sampled([], [])
    assert sent == [3, 3]


def test_large_rounds_are_split_alike_on_all_processes() -> None:
    sent: list[int] = []

    def sample(rows: list[Tokens]) -> Sampled:
        sent.append(len(rows))
        return Sampled([[2 * row[0]] for row in rows])

    made = Together(sample, lambda number: 5, SPARE, at_once=2).round([[1], [2], [3]])
    assert made == Sampled([[2], [4], [6]], None)
    assert sent == [2, 2, 1]


# --- two real processes, and a server that is asked by the first for both ---------------------------------------------


def ask_server(rows: list[Tokens]) -> Sampled:
    """As TRL asks a vLLM server: the first process sends all rows, each cuts its share at `rank * its own number`."""
    import torch.distributed as dist

    gathered: list[list[Tokens]] = [[], []]
    dist.all_gather_object(gathered, rows)
    answers = doubled([row for each in gathered for row in each]).tokens
    begin = dist.get_rank() * len(rows)
    return Sampled(answers[begin : begin + len(rows)])


def most_of_both(number: int) -> int:
    import torch
    import torch.distributed as dist

    told = torch.tensor([number])
    dist.all_reduce(told, op=dist.ReduceOp.MAX)
    return int(told.item())


def process(rank: int, port: int, safe: bool, answers: Queue[tuple[int, list[Tokens], int]]) -> None:
    import torch.distributed as dist

    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    dist.init_process_group("gloo", rank=rank, world_size=2)
    most: Most = most_of_both if safe else lambda number: number
    together = Together(ask_server, most, SPARE)
    got, rounds, left = [], 0, list(WORK[rank])
    while (sampled := together.round(left)) is not None:
        rounds += 1
        got += sampled.tokens
        left = left[:1] if rank == 0 and rounds == 1 else []  # the first process has a row that takes two rounds
        if not safe and rounds == 1:
            break  # and from here on the other would wait for ever
    answers.put((rank, got, rounds))
    dist.destroy_process_group()


def on_two_processes(safe: bool) -> dict[int, tuple[list[Tokens], int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    started = [context.Process(target=process, args=(rank, port, safe, answers)) for rank in (0, 1)]
    for each in started:
        each.start()
    told = [answers.get(timeout=90) for _ in started]
    for each in started:
        each.join(timeout=30)
    return {rank: (got, rounds) for rank, got, rounds in told}


@pytest.mark.long
def test_each_process_gets_the_completions_of_its_own_rows() -> None:
    got = on_two_processes(safe=True)
    assert got[0] == ([[2], [4], [6], [2]], 2)
    assert got[1] == ([[18]], 2)


@pytest.mark.long
def test_without_it_a_process_gets_those_of_another() -> None:
    got = on_two_processes(safe=False)
    assert got[1][0] == [[4]]  # what the first process asked for with [2]
