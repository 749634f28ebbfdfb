"""What operators watch; neither texts nor readers ever appear."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 20, 40, 60)

REQUESTS = Counter("docs_chat_http_requests_total", "HTTP requests answered.", ["route", "method", "status"])
REQUEST_SECONDS = Histogram(
    "docs_chat_http_request_seconds", "Time until the headers were sent.", ["route"], buckets=_SECONDS
)
TURNS = Counter("docs_chat_gateway_turns_total", "Turns by how they ended.", ["channel", "outcome", "source"])
TURN_RETRIES = Counter("docs_chat_gateway_turn_retries_total", "Attempts after the first.", ["reason"])
TURN_SECONDS = Histogram(
    "docs_chat_gateway_turn_seconds", "Time from the question until a milestone.", ["milestone"], buckets=_SECONDS
)
STREAMS = Gauge("docs_chat_gateway_streams", "Answers being written.")
REFUSED = Counter("docs_chat_gateway_refused_total", "Requests refused by a limit.", ["limit"])
FEEDBACK = Counter("docs_chat_gateway_feedback_total", "Thumbs given.", ["kind"])
