"""Turns of the agent for every door that asks: what is sent, retries, measurements, and a record of each.

Called by `chatkit` and `routes.chat_completions`; calls the agent, and the retriever when the agent cannot be reached.
"""
