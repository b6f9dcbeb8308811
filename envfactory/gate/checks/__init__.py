"""The gate's checks, one module each: a function from a bench to a `CheckResult`."""
