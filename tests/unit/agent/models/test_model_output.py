"""Readers get a model's answer and nothing of its machinery, in the spelling of every family and in every chunking."""
# ruff: noqa: E501  # what models write stands in one piece

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.agent.models.output.echo import Echo
from services.agent.models.output.reader import ModelOutput
from services.agent.models.output.written_calls import read_written_call

ANSWER = "Run `make ingest` [1]."
THOUGHT = "They want to index a site. Passage [1] tells how: `make ingest`."

THOUGHTS = {
    "harmony": f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>{ANSWER}<|return|>",
    "harmony with its first header": f"<|start|>assistant<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>{ANSWER}",
    "harmony, final only": f"<|channel|>final<|message|>{ANSWER}<|return|>",
    "harmony without its tokens": f"analysis{THOUGHT}assistantfinal{ANSWER}",
    "harmony, commentary to the reader": f"<|channel|>commentary<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>{ANSWER}",
    "gemma 4": f"<|channel>thought\n{THOUGHT}\n<channel|>{ANSWER}",
    "gemma 4 with its turn": f"<|turn>model\n<|channel>thought\n{THOUGHT}\n<channel|>{ANSWER}<turn|>",
    "gemma 3": f"<start_of_turn>model\n{ANSWER}<end_of_turn>\n<start_of_turn>user\nAnd now?",
    "qwen": f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}<|im_end|>",
    "opened in the prompt": f"{THOUGHT}\n</think>\n\n{ANSWER}",
    "opened in the prompt, in another voice": f"Okay, so somebody asks about indexing.\n\nI see it in the passages.\n</think>\n{ANSWER}",
    "opened in the prompt, closed by brackets": f"We need to name the command.[/THINK]{ANSWER}",
    "opened twice": f"<think>{THOUGHT}</think><think>Done.</think>{ANSWER}",
    "thinking": f"<thinking>{THOUGHT}</thinking>{ANSWER}",
    "seed": f"<seed:think>{THOUGHT}</seed:think>{ANSWER}",
    "an unknown family's": f"<acme:thinking>{THOUGHT}</acme:thinking>{ANSWER}",
    "mistral": f"[THINK]{THOUGHT}[/THINK]{ANSWER}",
    "kimi": f"◁think▷{THOUGHT}◁/think▷{ANSWER}",
    "cohere": f"<|START_THINKING|>{THOUGHT}<|END_THINKING|><|START_RESPONSE|>{ANSWER}<|END_RESPONSE|>",
    "begin of thought": f"<|begin_of_thought|>{THOUGHT}<|end_of_thought|><|begin_of_solution|>{ANSWER}<|end_of_solution|>",
    "granite": f"Here is my thought process: {THOUGHT}\nHere is my response: {ANSWER}",
    "granite's roles": f"<|start_of_role|>assistant<|end_of_role|>{ANSWER}<|end_of_text|>",
    "hunyuan": f"<think>{THOUGHT}</think><answer>{ANSWER}</answer>",
    "answer tags after thoughts": f"The user asks how to index.\n<answer>{ANSWER}</answer>",
    "reflection": f"<reflection>{THOUGHT}</reflection>{ANSWER}",
    "a leading role token": f"<|assistant|>{ANSWER}",
    "a leading role of deepseek": f"<｜Assistant｜>{ANSWER}<｜end▁of▁sentence｜>",
    "a leading role tag": f"<assistant>{ANSWER}</assistant>",
    "chatml header": f"<|im_start|>assistant\n{ANSWER}<|im_end|>\n<|im_start|>user\nAnd now?",
    "llama header": f"<|start_header_id|>assistant<|end_header_id|>\n\n{ANSWER}<|eot_id|>",
    "llama, turn made up": f"{ANSWER}<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nThanks!",
    "mistral's instructions": f"<s>[INST] How? [/INST]{ANSWER}</s>",
    "llama 2": f"<<SYS>>\n{ANSWER}\n\nQuestion: How do I start it? [/INST] <<SYS>>\nRun it.",
    "our own delimiters under another name": f'<question number="1" from="A › B">{ANSWER}</question>',
    "phi 4": f"<|im_start|>assistant<|im_sep|>{ANSWER}<|im_end|>",
    "an end token first": f"<|im_end|>{ANSWER}",
    "unknown token first": f"<|vendor_magic|>{ANSWER}",
    "unknown token in the middle": ANSWER.replace("Run ", "Run<|x9_pad|> "),
    "unknown token of the other bars": f"{ANSWER}<｜acme▁magic｜>",
    "unknown square": f"[RESPONSE]{ANSWER}[/RESPONSE]",
    "unknown triangle": f"◁magic▷{ANSWER}◁/magic▷",
    "unknown namespace": f"<acme:say>{ANSWER}</acme:say>",
    "our own delimiters": f'<passage number="4" from="A › B">{ANSWER}</passage>',
    "thoughts with code": f"<think>```\nnever closed</think>{ANSWER}",
    "a message without its channel": f"<|message|>{ANSWER}<|end|>",
    "harmony without its tokens, in lines": f"analysis\n\n{THOUGHT}\n\nassistantfinal\n\n{ANSWER}",
    "harmony, only the last words of its tokens": f"assistantfinal{ANSWER}",
    "a header and the answer in one line": f"<|im_start|>assistant {ANSWER}<|im_end|>",
    "a role that thinks": f"<|im_start|>assistant/think\n{THOUGHT}<|im_end|>\n<|im_start|>assistant\n{ANSWER}<|im_end|>",
    "solar": f"<|begin|>assistant<|think|>{THOUGHT}<|end|><|begin|>assistant<|content|>{ANSWER}<|flush|>",
    "apertus": f"<|inner_prefix|>{THOUGHT}<|inner_suffix|>{ANSWER}<|assistant_end|>",
    "exaone": f"[|assistant|]<thought>\n{THOUGHT}\n</thought>\n{ANSWER}[|endofturn|]",
    "nemotron": f"<SPECIAL_11>Assistant\n<think></think>{ANSWER}\n<SPECIAL_11>User\nAnd now?",
    "minimax": f"]~b]ai\n<think>{THOUGHT}</think>\n{ANSWER}[e~[",
    "an unused token of gemma": f"{ANSWER}<unused95>",
    "thoughts in a fence": f"```\n<think>\n{THOUGHT}\n</think>\n```\n{ANSWER}",
    "thoughts in a fence of XML": f"```xml\n<think>{THOUGHT}</think>\n```\n\n{ANSWER}",
    "thoughts that fold": f"<details><summary>Thinking</summary>\n{THOUGHT}\n</details>\n\n{ANSWER}",
    "ReAct": f"Thought: {THOUGHT}\nFinal Answer: {ANSWER}",
    "headings": f"**Thinking**\n\n{THOUGHT}\n\n**Answer**\n\n{ANSWER}",
    "ollama's words": f"Thinking...\n{THOUGHT}\n...done thinking.\n\n{ANSWER}",
    "a monologue with a heading": f"Okay, the user wants to index.\n\nFinal answer: {ANSWER}",
    "a byte order mark": f"\ufeff<think>{THOUGHT}</think>{ANSWER}",
    "a role in words": f"Assistant: {ANSWER}",
    "a bold role": f"**Assistant:** {ANSWER}",
    "a role alone": f"assistant\n\n{ANSWER}",
    "alpaca": f"### Response:\n{ANSWER}\n\n### Instruction:\nNext.",
    "the question repeated": f"Question: How do I index it?\nAnswer: {ANSWER}",
    "an object": f'{{"answer": "{ANSWER}"}}',
    "an object that cites in a field": '{"answer": "Run `make ingest`", "citations": [1]}.',
    "an object that was cut off": f'{{"reasoning": "They ask.", "answer": "{ANSWER}',
    "an object in a fence": f'```json\n{{\n  "answer": "{ANSWER}"\n}}\n```',
    "a fence of Markdown": f"```markdown\n{ANSWER}\n```",
    "a fence of nothing": f"```\n{ANSWER}\n```\n",
    "the reader made up": f"{ANSWER}\n\nUser: How do I start it?\nAssistant: Run it.",
    "the reader made up, bold": f"{ANSWER}\n\n**User:** and then\n\n**Assistant:** Run it.",
    "a human made up": f"{ANSWER}\n\nHuman: How do I start it?",
    "the next question made up": f"{ANSWER}\n\nQuestion: How do I start it?",
    "a call in a fence": f'{ANSWER}\n\n```tool_code\nprint(search_docs(query="x"))\n```',
    "a call in bare JSON": f'{ANSWER}\n\n{{"name": "search_docs", "arguments": {{"query": "x"}}}}',
    "a call in fenced JSON": f'{ANSWER}\n\n```json\n{{"name": "read_page", "arguments": {{"uri": "x"}}}}\n```',
    "a call behind brackets": f'{ANSWER}[TOOL_CALLS]search_docs[ARGS]{{"query": "x"}}',
    "a call in tags": f'{ANSWER}\n\n<function_calls>\n<invoke name="search_docs">\n</invoke>\n</function_calls>',
    "a token cut off": f"{ANSWER}<|im_e",
    "a tag cut off": f"{ANSWER}\n<tool_ca",
    "brackets cut off": f"{ANSWER}\n[TOOL_CA",
    "DSML cut off": f"{ANSWER}\n\n<｜DSML｜function",
    "a reference of ChatGPT": f"{ANSWER}\ue200cite\ue202turn0search0\ue201",
    "prompt repeated": f"<|system|>Answer.<|user|>How?<|assistant|>{ANSWER}",
}

CALLS = {
    "hermes": '<tool_call>\n{"name": "search_docs", "arguments": {"query": "index"}}\n</tool_call>',
    "dsml": '<｜DSML｜function_calls>\n<｜DSML｜invoke name="search_docs">\n<｜DSML｜parameter name="query" string="true">index</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
    "deepseek v3": '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>search_docs\n```json\n{"query": "index"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    "deepseek v3.1": '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>search_docs<｜tool▁sep｜>{"query": "index"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    "harmony": '<|channel|>commentary to=functions.search_docs <|constrain|>json<|message|>{"query": "index"}<|call|>',
    "harmony, addressed in the role": '<|start|>assistant to=functions.search_docs<|channel|>commentary<|message|>{"query": "index"}<|call|>',
    "gemma 4": '<|tool_call>call:search_docs{query:<|"|>index<|"|>}<tool_call|>',
    "gemma 3": '```tool_code\nprint(search_docs(query="index"))\n```',
    "kimi": '<|tool_calls_section_begin|><|tool_call_begin|>functions.search_docs:0<|tool_call_argument_begin|>{"query": "index"}<|tool_call_end|><|tool_calls_section_end|>',
    "minimax": '<minimax:tool_call>\n<invoke name="search_docs">\n<parameter name="query">index</parameter>\n</invoke>\n</minimax:tool_call>',
    "glm": "<tool_call>search_docs\n<arg_key>query</arg_key>\n<arg_value>index</arg_value>\n</tool_call>",
    "qwen coder": "<tool_call>\n<function=search_docs>\n<parameter=query>\nindex\n</parameter>\n</function>\n</tool_call>",
    "llama": '<|python_tag|>{"name": "search_docs", "parameters": {"query": "index"}}',
    "llama, function": '<function=search_docs>{"query": "index"}</function>',
    "mistral": '[TOOL_CALLS][{"name": "search_docs", "arguments": {"query": "index"}}]',
    "mistral, new": '[TOOL_CALLS]search_docs[ARGS]{"query": "index"}',
    "lfm2": '<|tool_call_start|>[search_docs(query="index")]<|tool_call_end|>',
    "cohere": '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "search_docs", "parameters": {"query": "index"}}]<|END_ACTION|>',
    "granite": '<|tool_call|>[{"name": "search_docs", "arguments": {"query": "index"}}]',
    "apertus": '<|tools_prefix|>[{"name": "search_docs", "arguments": {"query": "index"}}]<|tools_suffix|>',
    "nemotron": '<TOOLCALL>[{"name": "search_docs", "arguments": {"query": "index"}}]</TOOLCALL>',
    "openai in json": '{"type": "function", "function": {"name": "search_docs", "arguments": "{\\"query\\": \\"index\\"}"}}',
    "bare json": '{"name": "search_docs", "arguments": {"query": "index"}}',
    "json in a fence": '```json\n{"name": "search_docs", "arguments": {"query": "index"}}\n```',
    "bare python": 'search_docs(query="index")',
    "nameless tags": "<search_docs><parameter=query>index</parameter></search_docs>",
}

SMALL_MODELS = [
    ("It is done.<|im_end|>\n<|im_start|>user\nAnd now?", "It is done."),
    ("It is done.<end_of_turn>\n<start_of_turn>user", "It is done."),
    ("It is done. [INST] Next [/INST]", "It is done. "),
    ("<think>The user wants\n\nan answer.</think>\n\nIt is done.", "\n\nIt is done."),
    ("<thinking>never closed", ""),
    ("It is</think> done.", " done."),
    ('<passage number="4" from="A › B" version="current">\nIt is done.\n</passage>', "\nIt is done.\n"),
    ("<selected_text>It</selected_text> is <reader_page>done</reader_page>", "It is done"),
    ("Use `<|im_end|>` and `<think>` in templates.", "Use `<|im_end|>` and `<think>` in templates."),
    ("```\n<|im_start|>user\n<passage>\n```\nDone<|im_end|>more", "```\n<|im_start|>user\n<passage>\n```\nDone"),
    ("a < b, x[0] and <Tabs> and <p", "a < b, x[0] and <Tabs> and <p"),
    ("Array<string> <|", "Array<string> <|"),
    ("`unclosed\n<|im_end|>rest", "`unclosed\n"),
]

UNTOUCHED = [
    "Use `<|im_end|>` and `<think>` in templates.",
    "```\n<|im_start|>user\n<passage>\n<tool_call>\n```\nDone.",
    "Write the <think> tag into the template, or <|im_end|>, and it ends.",
    'A `Map<string, Array<number>>` and Promise<Response> and a < b, x[0] and <Tabs groupId="os"> and <p',
    "Array<string> <| f and a<|b| and c |> d.",
    'Use <Tabs> with <TabItem value="x">.',
    "Usage: docusaurus start [OPTIONS] [siteDir]. See [API](https://x/api) and [NOTE]: keep it.",
    "Type `[y/N]`, then press [Enter] or [Y] [1].",
    "The element <xs:element> is declared there.",
    "Let me know if `make ingest` fails [1].",
    "`unclosed\nSecond line.",
    "Analysis of bundles is done by `--bundle-analyzer` [1].",
    'To use it, set `functions: {}` [1]. {"name": "x"} is its value.',
    "1 < 2 and 3 > 2 [2].\n\n- a\n- b",
    "```bash\nnpm install\n```\n\nThat installs it [1].",
    "```\nnpm install\n```\n\nThat installs it [1].",
    "```markdown\n---\ntitle: Index\n---\n```\n\nPut it first [1].",
    "```text\nconst a = list [1]\n```\nThat is a list.",
    '```json\n{"answer": "yes", "sources": []}\n```\n\nThe door answers so [1].',
    "```xml\n<think>Why?</think>\nAn answer.\n```\n\nQwen writes so [1].",
    'Call it so [1]:\n\n```json\n{"name": "search_docs", "arguments": {"query": "x"}}\n```\n\nThen read.',
    "search_docs: finds passages.\nread_page: reads a page [1].",
    "Set these:\n\nUser: postgres\nPassword: secret\n\nThen start [1].",
    "## User\n\nA user has a name [1].\n\n### Instructions\n\nFollow them.",
    "Analysis: the plugin shows the size of each bundle [1].",
    "Model: set `AGENT_MODELS` [1].",
    "Reasoning: models think before they answer [1].",
    "Use `extra_id_1` and List<T1> and array[i] and [[x]] and ]~ and [|x|] [1].",
    "An <assistant-ui> and a <details> block [1].",
]


def read(written: str, *, cut_at: int | None = None, thinks_first: bool = False) -> tuple[str, ModelOutput]:
    output = ModelOutput(thinks_first=thinks_first)
    pieces = [written[:cut_at], "" if cut_at is None else written[cut_at:]]
    shown = "".join(map(output.feed, pieces))
    return shown + output.finish(), output


@pytest.mark.parametrize("written", THOUGHTS.values(), ids=THOUGHTS)
def test_readers_get_the_answer_alone_wherever_the_stream_is_cut(written: str) -> None:
    assert read(written)[0].strip() == ANSWER
    for place in range(1, len(written)):
        assert read(written, cut_at=place)[0].strip() == ANSWER, written[:place]
    output = ModelOutput()
    assert ("".join(output.feed(char) for char in written) + output.finish()).strip() == ANSWER


@pytest.mark.parametrize(
    "introduction", ["", "Let me search the documentation for that.\n\n", "<think>I should look.</think>"]
)
@pytest.mark.parametrize("written", CALLS.values(), ids=CALLS)
def test_a_call_written_as_text_is_never_shown_and_can_be_carried_out(written: str, introduction: str) -> None:
    for place in [None, *range(1, len(introduction + written))]:
        shown, output = read(introduction + written, cut_at=place)
        assert output.call is not None, (place, shown)
        assert shown.strip() == ""
        call = read_written_call(output.call, ("search_docs", "read_page"), recipient=output.recipient)
        assert call is not None, output.call
        assert (call.name, json.loads(call.arguments)) == ("search_docs", {"query": "index"})


@pytest.mark.parametrize("text", UNTOUCHED)
def test_text_that_only_looks_like_machinery_is_left_alone(text: str) -> None:
    for place in [None, *range(1, len(text))]:
        assert read(text, cut_at=place)[0] == text


@pytest.mark.parametrize(("written", "shown"), SMALL_MODELS)
def test_what_belongs_to_a_small_models_machinery_does_not_reach_the_reader(written: str, shown: str) -> None:
    for place in [None, *range(1, len(written))]:
        assert read(written, cut_at=place)[0] == shown


@given(st.sampled_from([*THOUGHTS.values(), *CALLS.values(), *UNTOUCHED]), st.data())
def test_no_chunking_changes_what_is_shown(written: str, data: st.DataObject) -> None:
    expected, whole = read(written)
    output, shown, rest = ModelOutput(), "", written
    while rest:
        count = data.draw(st.integers(1, len(rest)))
        shown, rest = shown + output.feed(rest[:count]), rest[count:]
    assert (shown + output.finish(), output.call, output.ended) == (expected, whole.call, whole.ended)


_FRAGMENTS = (
    "```", "```json\n", "```markdown\n", "~~~", "`", "\n", "\n\n", " ", "{", "}", '"answer"', '"name"', '"search_docs"', ":",
    "User: ", "Human:", "Question: ", "?", "Assistant:", "Run it", "[1]", ".", "<think>", "</think>", "<", "|", "<|im_start|>",
    "assistant", "final", "analysis", "Thinking:\n", "Final Answer:", "**", "### ", "search_docs(", "query=", "print(", "]~b]",
    "[e~[", "[|", "|]", "<details>", "<summary>", "Thought", "</details>", "Let me search.", "Okay, the user ", "\ufeff",
    "\ue200", "\ue201", "<SPECIAL_11>", "<|begin|>", "<|content|>", "Answer:", "the answer is:", "...done thinking.",
)  # fmt: skip


@given(
    st.text(alphabet="<>|｜[]/`~ab_\n pthinkTHINK◁▷:=", max_size=80)
    | st.lists(st.sampled_from(_FRAGMENTS), max_size=14).map("".join),
    st.data(),
)
def test_any_text_is_read_the_same_however_it_arrives(written: str, data: st.DataObject) -> None:
    expected, _ = read(written)
    output, shown, rest = ModelOutput(), "", written
    while rest:
        count = data.draw(st.integers(1, len(rest)))
        shown, rest = shown + output.feed(rest[:count]), rest[count:]
    assert shown + output.finish() == expected


@pytest.mark.parametrize(
    "written",
    [
        "Question: What is the difference between drafts and unlisted pages?",
        "The answer is:\n\nQuestion: Does it understand German?",
        "\ufeff",
    ],
)
def test_what_only_repeats_the_question_is_no_answer(written: str) -> None:
    assert read(written)[0] == ""


RULES = "You answer questions of people who read a documentation site. Say what the reader needs, first things first, in a few short paragraphs, a list of steps, or a code block."


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_rules_that_are_repeated_are_not_shown_from_the_beginning_on(size: int) -> None:
    echo = Echo(RULES)
    assert "".join(echo.take(RULES[at : at + size]) for at in range(0, len(RULES), size)) == ""
    assert echo.found


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("answer", ["You answer.", "Say what the reader needs: run it.", ANSWER * 5, "A list of steps"])
def test_an_answer_may_share_words_with_the_rules(answer: str, size: int) -> None:
    echo = Echo(RULES)
    shown = "".join(echo.take(answer[at : at + size]) for at in range(0, len(answer), size))
    assert (shown + echo.finish(), echo.found) == (answer, False)


def test_an_answer_ends_where_it_begins_to_repeat_the_rules() -> None:
    echo, answer = Echo(RULES), "Run the command, and then wait. "
    shown = "".join(map(echo.take, answer + RULES))
    assert echo.found
    assert shown.startswith(answer)
    assert len(shown) < len(answer) + 60


def test_an_answer_flows_from_its_first_sentence_on() -> None:
    output = ModelOutput()
    assert output.feed("Run the command") == ""
    assert output.feed(" `make ingest` in the folder") != ""
    assert output.feed(" of docs-chat") == " of docs-chat"


def test_a_model_that_thinks_in_its_prompt_is_known_by_its_first_answer() -> None:
    first = "Add the plugin. It stands in the config of the site, as one of the passages tells."
    _, output = read(f"{first}</think>{ANSWER}")
    assert output.closed_unopened_thought
    assert read(f"{first}</think>{ANSWER}", thinks_first=True)[0] == ANSWER
    assert read(ANSWER, thinks_first=True)[0] == ANSWER


def test_thinking_that_was_cut_off_is_no_answer() -> None:
    output = ModelOutput()
    shown = output.feed("Okay, the user wants to index a site. Let me see what passage [1] says about")
    assert shown + output.finish(cut_off=True) == ""


@pytest.mark.parametrize("written", ["<think>never closed", "<|channel|>analysis<|message|>never ended"])
def test_thoughts_that_never_end_are_not_shown(written: str) -> None:
    assert read(written)[0] == ""


def test_long_text_full_of_brackets_is_read_in_one_pass() -> None:
    text = "[" * 20_000 + "<" * 20_000
    assert read("Answer it is, and a plain one.\n" + text)[0].endswith(text)
