"""What the gateway remembers: conversations, feedback, records of turns. SQLite file or Postgres."""
