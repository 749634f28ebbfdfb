"""OpenAI's chat completions: reads their requests, writes answers, models and failures in their shapes.

Called by `routes.chat_completions`, which runs the turn; `app` puts the shape around every failure on OpenAI's paths.
"""
