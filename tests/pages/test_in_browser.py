"""The pages in a real browser: what opens, what is found, what is filtered, and that nothing hostile ever runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from envfactory.environments.artefact import Environment
from envfactory.environments.report import GateReport
from envfactory.pages.bodies import Body, Packed
from envfactory.pages.document import document
from envfactory.pages.environments import environment_page
from envfactory.pages.links import Link, Made
from envfactory.pages.runs import run_page
from envfactory.pages.tasks import task_page
from envfactory.traces.store import TraceStore
from envfactory.traces.story import read_story
from tests.pages.browser import Browser
from tests.pages.conftest import task_of
from tests.pages.hostile import ALL
from tests.traces.conftest import Recorded
from tests.traces.told import told

pytestmark = pytest.mark.long
ALL_OPEN = """(() => {
  document.querySelectorAll('main details').forEach((each) => { each.open = true; });
  const bodies = [...document.querySelectorAll('main .body')];
  return !document.querySelector('.lazy') && bodies.every((each) => each.dataset.state === 'shown');
})()"""


def step(role: str, number: int = 0) -> str:
    return f"document.querySelectorAll('.rows > .row[data-role={role}]')[{number}]"


def typed(words: str) -> str:
    return (
        f"(() => {{ const field = document.querySelector('#words'); field.value = {words!r};"
        " field.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


def written(store: TraceStore, file: Path, *, with_pages: bool = False) -> str:
    story, bodies = read_story(store), Packed()
    assert story is not None
    made = Made()
    if with_pages:
        place = bodies.put(Body("p.task", "page", 0, lambda: str(task_page(task_of(), bodies))))
        made = Made({}, {"rail": [Link("boat_hire-00001", f"#view-{place}")]})
    file.write_text(document("travel-1", run_page("travel-1", store, story, bodies, made), bodies.packs()))
    return file.as_uri()


def test_a_text_is_put_in_when_it_is_opened_and_not_before(browser: Browser, seen: Path) -> None:
    browser.open(seen.as_uri())
    assert browser.run("document.querySelectorAll('.body[data-state]').length") == 0
    assert "I would rather not" not in browser.run("document.body.textContent")
    browser.run(f"{step('coder')}.open = true; {step('coder')}.querySelector('.row').open = true")
    browser.wait("document.body.textContent.includes('I would rather not')")
    assert browser.problems == []


def test_prompts_answers_and_differences_are_shown_in_full(browser: Browser, seen: Path) -> None:
    browser.open(seen.as_uri())
    browser.wait(ALL_OPEN)
    text = browser.run("document.querySelector('main').textContent")
    assert [
        part for part in ("You write code.", "it must book", "that is no JSON", '"""Book."""') if part not in text
    ] == []
    assert browser.run("[...document.querySelectorAll('.diff .plus')].map((each) => each.textContent)") == [
        "+    return 2"
    ]


def test_failed_only_leaves_what_failed(browser: Browser, seen: Path) -> None:
    browser.open(seen.as_uri())
    browser.run("document.querySelector('#failed').click()")
    assert browser.run("document.querySelector('#counted').textContent") == "1 of 6 steps"
    left = "[...document.querySelectorAll('.rows > .row')].filter((each) => each.offsetParent).map((each) => each.dataset.role)"
    assert browser.run(left) == ["gate"]


def test_one_role_alone(browser: Browser, seen: Path) -> None:
    browser.open(seen.as_uri())
    browser.run(
        "document.querySelector('#role').value = 'gate'; document.querySelector('#role').dispatchEvent(new Event('change', {bubbles: true}))"
    )
    assert browser.run("document.querySelector('#counted').textContent") == "2 of 6 steps"


@pytest.mark.parametrize(
    ("words", "roles"),
    [
        ("RATHER not", ["coder"]),
        ('"""Book', ["coder", "reviser"]),
        ("it returned", ["reviser"]),
        ("nobody said this", []),
    ],
)
def test_words_are_found_in_texts_that_nobody_opened(
    browser: Browser, seen: Path, words: str, roles: list[str]
) -> None:
    browser.open(seen.as_uri())
    browser.run(typed(words))
    browser.wait(f"document.querySelector('#counted').textContent === '{len(roles)} of 6 steps'")
    left = "[...document.querySelectorAll('.rows > .row:not(.hidden)')].map((each) => each.dataset.role)"
    assert browser.run(left) == roles


def test_a_bar_of_the_timeline_opens_its_step(browser: Browser, seen: Path) -> None:
    browser.open(seen.as_uri())
    browser.run("document.querySelector('.bar.r-reviser').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert browser.run(f"{step('reviser')}.open") is True


def test_json_is_opened_up_and_can_be_had_as_it_is(browser: Browser, seen: Path) -> None:
    browser.open(seen.as_uri())
    browser.run(f"{step('schema_designer')}.open = true")
    browser.wait(f"{step('schema_designer')}.querySelector('.made .json')")
    assert "CREATE TABLE seats" in browser.run(f"{step('schema_designer')}.querySelector('.made .json').textContent")
    browser.run(f"{step('schema_designer')}.querySelector('.made .tools button').click()")
    assert browser.run(f"{step('schema_designer')}.querySelector('.made pre').textContent").startswith('{"schema_sql":')


def test_a_page_within_opens_and_goes_back(browser: Browser, trace: TraceStore, tmp_path: Path) -> None:
    browser.open(written(trace, tmp_path / "run.html", with_pages=True))
    browser.run("document.querySelector('.links a').click()")
    browser.wait("!document.querySelector('#shade').hidden && document.querySelector('#inner h1')")
    assert "boat_hire-00001" in browser.run("document.querySelector('#inner').textContent")
    browser.run("document.querySelector('#back').click()")
    browser.wait("document.querySelector('#shade').hidden")
    assert browser.problems == []


@pytest.mark.parametrize("dark", [False, True])
def test_an_environment_is_readable_and_its_tables_open(
    browser: Browser, boats: Environment, report: GateReport, tmp_path: Path, dark: bool
) -> None:
    bodies, file = Packed(), tmp_path / "environment.html"
    file.write_text(document("boats", environment_page(boats, report, bodies), bodies.packs()))
    browser.open(file.as_uri(), dark=dark)
    browser.run("document.querySelector('#table-boats').open = true")
    browser.wait("document.querySelectorAll('#table-boats tr').length === 15")  # fourteen boats and their headings
    light = browser.run("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((each) => each > 200)")
    assert (light, browser.problems) == (not dark, [])


def test_a_tool_that_is_clicked_shows_its_own_edges(
    browser: Browser, boats: Environment, report: GateReport, tmp_path: Path
) -> None:
    bodies, file = Packed(), tmp_path / "environment.html"
    file.write_text(document("boats", environment_page(boats, report, bodies), bodies.packs()))
    browser.open(file.as_uri())
    browser.run(
        "document.querySelector('.node[data-tool=cancel_hire]').dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    near = "[...document.querySelectorAll('.node.near')].map((each) => each.dataset.tool).sort()"
    assert browser.run(near) == ["cancel_hire", "hire_boat", "search_boats"]


def test_nothing_that_was_said_ever_runs(browser: Browser, recorded: Recorded, tmp_path: Path) -> None:
    store = recorded(told(thought=ALL, second=ALL, title=ALL))
    browser.open(written(store, tmp_path / "run.html"))
    browser.wait(ALL_OPEN)
    browser.run(typed("hacked"))
    browser.wait("/ of /.test(document.querySelector('#counted').textContent)")
    browser.run("document.querySelectorAll('*').forEach((each) => each.dispatchEvent(new MouseEvent('mouseover')))")
    assert browser.run("typeof window.hacked") == "undefined"
    assert "<script>window.hacked=1</script>" in browser.run("document.querySelector('main').textContent")
    assert browser.problems == []


@pytest.mark.parametrize(
    "intrusion",
    [
        "const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s)",
        "document.body.insertAdjacentHTML('beforeend', '<img src=data:, onerror=\"window.hacked = 1\">')",
        "const a = document.createElement('a'); a.href = 'javascript:window.hacked = 1'; document.body.append(a); a.click()",
    ],
)
def test_even_markup_that_slipped_in_could_run_nothing(browser: Browser, seen: Path, intrusion: str) -> None:
    browser.open(seen.as_uri())
    browser.run(f"(() => {{ {intrusion} }})()")
    browser.run("new Promise((done) => setTimeout(done, 100))")
    assert browser.run("typeof window.hacked") == "undefined"
    assert any("Content Security Policy" in problem for problem in browser.problems)
