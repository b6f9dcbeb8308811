"""One attempt of a policy at a task, in an episode of its own: what training and evaluation both play."""
