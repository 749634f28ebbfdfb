"""What a model really writes: its answer between thoughts, tool calls and control tokens, told apart as data.

`tokens` knows how control tokens look, `reader` walks through the text, `opening` judges how an answer begins, and
`written_calls` reads a tool call that was written as text. Called by `guarded_stream`.
"""
