"""Metrics of turns and model requests; texts of readers appear in none."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60)

TURNS = Counter(
    "docs_chat_agent_turns_total", "Turns ended, by who wrote the answer or why there is none.", ["outcome"]
)
PASSAGES_SECONDS = Histogram("docs_chat_agent_turn_passages_seconds", "Until the passages were sent.", buckets=_SECONDS)
FIRST_TEXT_SECONDS = Histogram("docs_chat_agent_turn_first_text_seconds", "Until the first text.", buckets=_SECONDS)
TURN_SECONDS = Histogram("docs_chat_agent_turn_seconds", "Until completion.", buckets=_SECONDS)
MODEL_REQUESTS = Counter("docs_chat_model_requests_total", "Requests to the provider.", ["model", "outcome"])
MODEL_TOKENS = Counter("docs_chat_model_tokens_total", "Tokens the provider reported.", ["model", "direction"])
MODEL_SECONDS = Histogram("docs_chat_model_seconds", "Time of one request.", ["model"], buckets=_SECONDS)
CACHE_LOOKUPS = Counter("docs_chat_answer_cache_total", "Lookups in the answer cache.", ["outcome"])
SHARED_TURNS = Counter("docs_chat_agent_shared_turns_total", "Turns that joined an identical one in flight.")
MODEL_REFUSALS = Counter(
    "docs_chat_model_refusals_total", "Turns that got no model request, by whose limit it was.", ["owner"]
)
QUEUE_LENGTH = Gauge("docs_chat_model_queue_length", "Turns waiting for the model.")
DAY_REMAINING = Gauge("docs_chat_quota_day_remaining", "Model requests left today, without the reserve.")
MINUTE_REMAINING = Gauge("docs_chat_quota_minute_remaining", "Model requests left this minute.")
BREAKER_OPEN = Gauge("docs_chat_breaker_open", "1 while requests are held back.", ["model"])
