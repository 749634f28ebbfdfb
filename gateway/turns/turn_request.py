"""What the agent is asked: a conversation, who asks, and from which page."""

from collections.abc import Sequence

from docs_chat.agent.v1 import agent_service_pb2 as pb

from gateway.readers.asker import Asker


def turn_request(
    asker: Asker,
    messages: Sequence[pb.Message],
    *,
    site: str,
    default_site: str,
    selected_text: str = "",
    whole_answer: bool = False,
) -> pb.RunTurnRequest:
    """The request for one turn; its id is set when it runs.

    Args:
        asker: Who asks.
        messages: The conversation, oldest first; the last one is the question.
        site: Site to answer from; empty leaves it to the address of the page.
        default_site: Site where the page's address tells none; empty for the only one.
        selected_text: What the reader has marked on the page.
        whole_answer: The answer is wanted in one piece, so an attempt that breaks off has shown nothing.
    """
    page = asker.page
    return pb.RunTurnRequest(
        messages=messages,
        site=site,
        default_site=default_site,
        scope=page.scope(),
        page_uri=page.page_uri,
        page_title=page.page_title,
        selected_text=selected_text,
        reader_id=asker.reader.id,
        reader_network=asker.network,
        reader_language=asker.language,
        tabs=page.tabs,
        options=pb.TurnOptions(whole_answer=whole_answer),
    )
