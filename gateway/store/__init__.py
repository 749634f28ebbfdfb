"""What the gateway remembers: conversations, feedback, records of turns. An SQLite file or Postgres.

Called by `chatkit`, `turns`, `report` and the door for readers. A reader is an owner here: an id, and nothing else.
"""
