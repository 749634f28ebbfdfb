"""The HTTP side: ChatKit, REST, OpenAI-compatible, MCP; threads, readers' identity, limits, feedback."""
