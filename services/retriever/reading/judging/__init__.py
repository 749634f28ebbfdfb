"""Whether a site answers a question: a verdict from what the search found, without asking a language model.

`judge` weighs the `signals` with a fitted `calibration`, where the embedding model understands the question, and falls
back to shared words (`by_words`) where it does not; `names` and `vocabulary` tell what the site never mentions.
"""
