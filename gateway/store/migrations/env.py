"""Alembic's entry point; `database.py`, which holds the lock, passes the connection in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
