"""The server: only reads, only for this machine, only what there is; and a run that goes on is seen to go on."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from envfactory.environments.artefact import Environment, save
from envfactory.environments.report import GateReport
from envfactory.events import Event
from envfactory.pages import serving
from envfactory.pages.serving import RunFolder
from envfactory.tasks.files import write_tasks
from envfactory.traces.recorder import Recorder
from envfactory.traces.redaction import Redactor
from envfactory.traces.store import TraceStore
from tests.pages.browser import Browser
from tests.pages.conftest import task_of
from tests.pages.markup import Markup
from tests.traces.told import told


@dataclass
class Served:
    """A server over one run: its address, the recorder that goes on with the run, and whether it is on."""

    url: str
    tell: Callable[[list[Event]], None]
    on: list[bool]


@pytest.fixture
def served(tmp_path: Path, boats: Environment, report: GateReport) -> Iterator[Served]:
    folder = tmp_path / "runs" / "travel-1"
    folder.mkdir(parents=True)
    sealed = save(boats, tmp_path / "library" / "travel" / "rail", report)
    write_tasks(tmp_path / "datasets" / "travel" / "tasks.jsonl", [task_of(content_hash=sealed.content_hash)])
    on = [False]
    run = RunFolder(folder, {"asked": "travel", "status": "finished", "verified": "1 of 1"}, [tmp_path], lambda: on[0])
    with closing(TraceStore(folder / "trace.db")) as store:
        recorder = Recorder(store, Redactor([]))
        address: list[str] = []
        begun = threading.Event()

        def begin(at: str) -> None:
            address.append(at)
            begun.set()

        server: list[serving.ThreadingHTTPServer] = []
        made = serving.ThreadingHTTPServer

        class Kept(made):  # type: ignore[valid-type, misc]
            def __init__(self, *arguments: object) -> None:
                super().__init__(*arguments)
                server.append(self)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(serving, "ThreadingHTTPServer", Kept)
            thread = threading.Thread(target=serving.serve, args=(lambda: {"travel-1": run}, 0, begin), daemon=True)
            thread.start()
            assert begun.wait(10)

        def tell(events: list[Event]) -> None:
            for event in events:
                recorder(event)

        yield Served(address[0], tell, on)
        server[0].shutdown()
        thread.join(10)


def get(served: Served, path: str, **headers: str) -> httpx.Response:
    return httpx.get(served.url.rstrip("/") + path, headers=headers, trust_env=False)


def test_runs_environments_and_tasks_have_pages(served: Served) -> None:
    served.tell(list(told()))
    paths = ["/", "/runs/travel-1", "/runs/travel-1/environments/rail", "/runs/travel-1/tasks/boat_hire-00001"]
    answers = [get(served, path) for path in paths]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert 'href="/runs/travel-1"' in answers[0].text
    assert 'href="/runs/travel-1/environments/rail"' in answers[1].text


def test_a_text_is_handed_out_by_its_reference(served: Served) -> None:
    served.tell(list(told()))
    references = Markup(get(served, "/runs/travel-1").text).references
    texts = [get(served, f"/runs/travel-1?body={reference}").text for reference in references]
    assert "I would rather not" in texts
    assert "script" not in get(served, "/runs/travel-1?body=m.none.0").text


@pytest.mark.parametrize(
    "path",
    [
        "/runs/other",
        "/runs/..%2f..%2fetc%2fpasswd",
        "/etc/passwd",
        "/runs/travel-1/environments/..%2f..",
        "/runs/travel-1/tasks/none",
        "/runs/travel-1/other/rail",
    ],
)
def test_what_there_is_not_is_not_found(served: Served, path: str) -> None:
    served.tell(list(told()))
    assert get(served, path).status_code == 404


@pytest.mark.parametrize(
    ("host", "status"), [("evil.example", 403), ("127.0.0.1.evil.example:80", 403), ("localhost:1", 200)]
)
def test_only_this_machine_is_answered(served: Served, host: str, status: int) -> None:
    assert get(served, "/", Host=host).status_code == status
    assert served.url.startswith("http://127.0.0.1:")


def test_it_only_reads(served: Served) -> None:
    assert httpx.post(served.url, content=b"x", trust_env=False).status_code == 501


def test_headers_keep_a_page_to_itself(served: Served) -> None:
    headers = get(served, "/").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")


def test_the_version_changes_with_the_run_and_says_when_it_ended(served: Served) -> None:
    events = list(told())
    served.on[0] = True
    served.tell(events[:4])
    first = get(served, "/runs/travel-1?version").text
    served.tell(events[4:])
    second = get(served, "/runs/travel-1?version").text
    served.on[0] = False
    assert first != second
    assert (second[:4], get(served, "/runs/travel-1?version").text[:5]) == ("live", "ended")


def test_words_are_found_by_the_server(served: Served) -> None:
    served.tell(list(told()))
    found = json.loads(get(served, "/runs/travel-1?find=rather").text)
    page = get(served, "/runs/travel-1").text
    assert len(found) == 2  # the call that said it, and the next one, which was reminded of it
    assert f'id="s-{found[0]}"' in page


def test_a_run_of_nothing_has_a_page(served: Served) -> None:
    assert "Nothing has happened yet" in get(served, "/runs/travel-1").text


@pytest.mark.long
def test_a_browser_sees_a_run_go_on_and_keeps_its_place(served: Served, browser: Browser) -> None:
    events = list(told())
    served.on[0] = True
    served.tell(events[:10])
    browser.open(f"{served.url}runs/travel-1")
    browser.run(
        "document.querySelectorAll('.rows > .row')[1].open = true; document.querySelector('.row .row').open = true"
    )
    browser.wait("document.body.textContent.includes('I would rather not')")
    time.sleep(0.1)
    served.tell(events[10:])
    served.on[0] = False
    browser.wait("document.querySelectorAll('.rows > .row').length === 6")
    assert browser.run("document.body.textContent.includes('I would rather not')") is True
    assert browser.problems == []
