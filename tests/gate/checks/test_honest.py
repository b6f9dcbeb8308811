from envfactory.bench.bench import Bench
from envfactory.environments.cases import Cases
from envfactory.gate.checks.honest import honest
from envfactory.gate.checks.states import diff, read_state
from tests.gate import harbour
from tests.gate.checks.judging import judged, with_bug

CANCEL = [("cancel_hire", {"hire_id": "hi_12", "customer_id": "cu_05"})]


def test_the_reports_of_the_boat_hire_are_true(cases: Cases) -> None:
    result = judged(honest, harbour.environment(cases=cases))
    assert result.status == "pass"
    assert result.measured["cases"] > 15


def test_a_write_beyond_the_demanded_is_found_in_the_state(cases: Cases) -> None:
    answer = '    return {"hire_id": hire_id, "status": "confirmed"'
    write = '    context.execute("UPDATE customers SET club = 1")\n'
    result = with_bug(honest, "confirm_hire", answer, write + answer, cases=cases)
    assert result.status == "fail"
    assert result.evidence[0]["tool"] == "confirm_hire"


def test_states_differ_as_the_episode_reports(bench: Bench) -> None:
    played = bench.code.walk(CANCEL)
    changed = diff(bench, read_state(bench), read_state(bench, played.image))
    assert changed == played.steps[0].changes
    assert [(change["op"], change["table"]) for change in changed] == [
        ("update", "gear"),
        ("delete", "hire_gear"),
        ("update", "hires"),
        ("insert", "payments"),
    ]
