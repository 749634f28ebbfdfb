"""The two events of the Agents SDK's stream that a run needs: a piece of text, and the response that ends it."""

import time
import uuid
from collections.abc import Sequence

from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseFunctionToolCall,
    ResponseOutputItem,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseTextDeltaEvent,
)

from services.agent.models.reply import ToolCall

_ITEM_ID = "message"


def text_delta(text: str) -> ResponseTextDeltaEvent:
    """A piece of the answer."""
    return ResponseTextDeltaEvent(
        type="response.output_text.delta",
        item_id=_ITEM_ID,
        output_index=0,
        content_index=0,
        sequence_number=0,
        delta=text,
        logprobs=[],
    )


def completed(model: str, text: str, calls: Sequence[ToolCall] = ()) -> ResponseCompletedEvent:
    """The end of the answer: all its text, and the tools the model wants called.

    Every call gets an id of its own: providers leave them out and use them twice, which the SDK refuses.
    """
    output: list[ResponseOutputItem] = [answer_message(text)] if text else []
    for call in calls:
        output.append(
            ResponseFunctionToolCall(
                type="function_call", call_id=f"call_{uuid.uuid4().hex}", name=call.name, arguments=call.arguments
            )
        )
    response = Response(
        id="response",
        created_at=time.time(),
        model=model,
        object="response",
        output=output,
        tool_choice="auto",
        tools=[],
        parallel_tool_calls=False,
    )
    return ResponseCompletedEvent(type="response.completed", sequence_number=1, response=response)


def answer_message(text: str) -> ResponseOutputMessage:
    """An answer as the SDK keeps it in the conversation."""
    content = ResponseOutputText(type="output_text", text=text, annotations=[])
    return ResponseOutputMessage(id=_ITEM_ID, type="message", role="assistant", status="completed", content=[content])
