"""Answers without a language model: the sentences, steps and code of the passages that speak about the question."""
