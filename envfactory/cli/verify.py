"""The command `verify`: prove environments again, and say where they differ from what was proven of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envfactory.cli.boundary import clear_errors, print_json
from envfactory.cli.options import UnsafeForAll
from envfactory.errors import ArtefactError

if TYPE_CHECKING:
    from envfactory.gate.runner import Verification

Notice = Callable[[str], None]


@dataclass(frozen=True)
class Proof:
    """What proving a folder again came to: `verified`, `rejected`, `differs` from its gate.json, or `damaged`."""

    folder: Path
    verdict: str
    seconds: float
    content_hash: str = ""
    passed: int = 0
    total: int = 0
    failed: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {**self.__dict__, "folder": str(self.folder), "seconds": round(self.seconds, 1)}


def verify(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Environment folders, or libraries: every environment below."),
    ],
    unsafe_no_sandbox: UnsafeForAll = False,
    json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,
) -> None:
    """Repeat the gate without any key, and compare its verdict with the stored one, byte for byte.

    Exit status 1 where an environment is not verified or its files no longer match.
    """
    with clear_errors():
        folders = [folder for path in paths for folder in environment_folders(path)]
        proofs = []
        with at_work() as notice:
            for proof in _prove(folders, "none" if unsafe_no_sandbox else "auto", notice):
                proofs.append(proof)
                if not json:
                    _print(proof)
        if json:
            print_json([proof.as_dict() for proof in proofs])
        elif len(proofs) > 1:
            print(f"{sum(proof.verdict == 'verified' for proof in proofs)} of {len(proofs)} verified")
        if any(proof.verdict != "verified" for proof in proofs):
            raise typer.Exit(1)


def environment_folders(path: Path) -> list[Path]:
    """Return the environment folders at or below `path`; ArtefactError where there is none."""
    if (path / "environment.json").exists():
        return [path]
    found = sorted(manifest.parent for manifest in path.glob("**/environment.json"))
    if not found:
        missing = "holds no environment" if path.is_dir() else "is no folder" if path.exists() else "does not exist"
        raise ArtefactError(f"{path} {missing}", remedy="give an environment's folder, or a library that holds some")
    return found


def _prove(folders: list[Path], tier: str, notice: Notice) -> Iterator[Proof]:
    from envfactory.gate.runner import verify_folder
    from envfactory.sandbox.doctor import require
    from envfactory.sandbox.shared import OTHER_HASHES, shared_sandbox

    require(tier)
    for number, folder in enumerate(folders, 1):
        started, place = time.monotonic(), f"{number} of {len(folders)}  {folder}"

        def tell(check: str, status: str | None, place: str = place) -> None:
            notice(f"{place}: {check}")

        try:
            workers = shared_sandbox(tier).open, shared_sandbox(tier, OTHER_HASHES).open
            answer = verify_folder(folder, workers[0], open_other=workers[1], progress=tell)
            yield _proof(folder, answer, time.monotonic() - started)
        except ArtefactError as error:  # of this folder; the others can still be proven
            yield Proof(folder, "damaged", time.monotonic() - started, differences=[error.message])


def _proof(folder: Path, answer: Verification, seconds: float) -> Proof:
    report = answer.report
    return Proof(
        folder,
        "differs" if answer.differences else report.verdict,
        seconds,
        report.subject,
        sum(check.status == "pass" for check in report.checks),
        len(report.checks),
        [f"{check.id}: {check.summary}" for check in report.failures()],
        answer.differences,
    )


@contextmanager
def at_work() -> Iterator[Notice]:
    """Yield where to say what is being done: on a terminal, and nowhere else."""
    from envfactory.cli.pages import page

    console = page(stderr=True)
    if not console.is_terminal:
        yield lambda text: None
        return
    with console.status("starting the sandbox") as status:
        yield lambda text: status.update(text)


def _print(proof: Proof) -> None:
    from rich.text import Text

    from envfactory.cli.pages import STYLES, page

    console = page()
    verdict = Text(proof.verdict, style=STYLES.get(proof.verdict, "red"))
    counts = f" {proof.passed} of {proof.total} checks, {proof.content_hash[:12]}," if proof.total else ""
    console.print(Text.assemble(f"{proof.folder}: ", verdict, f"{counts} {proof.seconds:.1f} s"), soft_wrap=True)
    for line in dict.fromkeys([*proof.differences, *proof.failed]):
        console.print(Text(f"  {line}"), soft_wrap=True)
