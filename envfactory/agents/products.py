"""What each role is given and what it must produce (DESIGN section 2)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from envfactory.environments.cases import Cases
from envfactory.environments.contract import Strict
from envfactory.environments.report import CheckResult
from envfactory.synthesis.design import Design


class ExploreRequest(Strict):
    """What the explorer is asked: fill a domain from the catalogue, or make environments of given resources."""

    domain: str
    count: int | None = None
    environment: str | None = None
    resources: list[str] = []


class CitedOperation(Strict):
    """An operation worth having, and the place in its resource that describes it."""

    id: str
    citation: str = ""


class Brief(Strict):
    """The explorer's result for one environment.

    `source` is a resource reference as `resources.sources.load` takes it, `origin` what the artefact says of it: the
    same document gives the same environment wherever its file lies.
    """

    environment: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    domain: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    title: str
    summary: str
    source: str
    origin: str = ""
    sha256: str
    operations: list[CitedOperation]
    why: str = ""
    format: str = ""
    licence: str = ""
    retrieved: str = ""
    urls: list[str] = []


class Skipped(Strict):
    """A resource no environment can be made of, with a reason a person can act on."""

    source: str
    reason: str


class Plan(Strict):
    """The explorer's product."""

    briefs: list[Brief]
    skipped: list[Skipped] = []


class Code(Strict):
    """The coder's product: tools.py."""

    source: str


class CodeRequest(Strict):
    """What the coder sees: the design, never the tests."""

    environment: str
    design: Design


class TestRequest(Strict):
    """What the tester sees: the design, never the code."""

    __test__ = False

    environment: str
    domain: str
    design: Design
    seed: int = 0


class RevisionRequest(Strict):
    """What the reviser sees: everything, with the gate's failures as the smallest evidence."""

    environment: str
    domain: str
    brief: Brief
    design: Design
    code: Code
    cases: Cases
    failures: list[CheckResult]
    revision: int
    seed: int = 0


class Revision(Strict):
    """What the reviser found to be wrong, and the parts it replaces (None: kept)."""

    diagnosis: str
    faulty: list[Literal["code", "contracts", "seed", "tests"]]
    design: Design | None = None
    code: Code | None = None
    cases: Cases | None = None
