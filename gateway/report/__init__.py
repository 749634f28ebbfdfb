"""What the docs team can learn from the records of turns: `python -m gateway.report`."""
