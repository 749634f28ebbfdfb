"""The HTTP side of docs-chat: every door for readers, programs and operators, and what it remembers of them.

A question goes `routes → chatkit or openai → turns ⇒ agent`, a search `routes or mcp → retrieval ⇒ retriever`. `app`
puts the routes into their layers, `serving` listens, `parts` builds what they share; no room below reads `settings`.
"""
