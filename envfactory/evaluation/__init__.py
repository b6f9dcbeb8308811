"""How good an agent is: suites, scores with intervals, reports."""
