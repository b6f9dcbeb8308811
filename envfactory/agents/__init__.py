"""The five roles of stage one as typed functions: a brief in, a product out, by `rules` or by a language model."""
