"""SFT and GRPO on our datasets, in the verified environments. Needs the `train` extra; the core never imports it."""
