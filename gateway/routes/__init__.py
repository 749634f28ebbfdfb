"""Doors over HTTP, a thin module each: who may enter (`doors`), who asks (`callers`), and a call into one room below.

Called by `app` alone; calls the rooms of the protocols, and whatever `parts` has built.
"""
