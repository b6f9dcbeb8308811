"""Where code is tried: a bench of two workers, the generated inputs, what their SQL says, and when answers agree."""
