"""The five roles of stage one as typed functions: a brief in, a product out, answered by `rules` or a language model."""
