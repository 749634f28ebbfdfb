"""What the docs team can learn from the records of turns: `python -m gateway.report`.

A program of its own: it reads the database through `store`, and nobody calls it.
"""
