"""From meaning to words: what a person asks and what an assistant answers, by verbalisation frames."""
