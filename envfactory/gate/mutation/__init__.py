"""Small faults made on purpose, in code, contracts and the SQL inside both: what tests and inputs must notice."""
