"""ChatKit's protocol: reads its requests, keeps its conversations, and writes answers as its events.

Called by `routes.chatkit`; runs questions through `turns` and keeps them in `store`.
"""
