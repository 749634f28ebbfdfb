"""Language models: which may be asked, within which quota, and what they really said.

Only this room talks to OpenRouter. Called by `turn`.
"""
