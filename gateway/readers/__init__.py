"""Readers: who they are, how they prove it, from which page and network they ask, and how much they may ask.

Called by the routes; `settings` checks keys and limits with it. Calls nobody but the login service that publishes keys.
"""
