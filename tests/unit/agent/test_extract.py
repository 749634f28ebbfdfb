"""Answers made of quotations."""

from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.text.extract import MAX_CHARACTERS, best_quote, extract_answer


def passage(text: str, *, page: str = "p", headings: tuple[str, ...] = ()) -> Passage:
    return Passage(
        uri=f"https://x/{page}", document_uri=f"https://x/{page}", title=page, heading_path=headings, text=text
    )


INSTALL = passage(
    "The tool needs Python.\n\nTo install the tool, run:\n\n```bash\npip install tool\ntool --version\n```\n\n"
    "Afterwards the tool is ready.",
    page="Install",
)


def test_the_code_that_matters_comes_whole_with_its_lead_in() -> None:
    answer = "\n\n".join(extract_answer("How do I install the tool?", [INSTALL]))
    assert "To install the tool, run" in answer
    assert "```bash\npip install tool\ntool --version\n```" in answer
    assert "[1]" in answer


def test_steps_stay_a_list() -> None:
    steps = "To deploy:\n\n1. Build the site.\n2. Upload the folder.\n3. Purge the cache."
    answer = "\n\n".join(extract_answer("How do I deploy the site?", [passage(steps)]))
    assert "1. Build the site.\n2. Upload the folder.\n3. Purge the cache." in answer


def test_a_last_like_this_keeps_what_it_promises() -> None:
    long_code = "```js\n" + "configure(value)\n" * 30 + "```"
    text = "Some background. " * 40 + "\n\nDisable the warning like this:\n\n" + long_code
    answer = extract_answer("How do I disable the warning?", [passage(text)])
    assert any(block.startswith("```js") for block in answer)


def test_the_answer_stays_short() -> None:
    passages = [passage("The cache is cleared on logout. " * 200, page=str(n)) for n in range(8)]
    assert sum(map(len, extract_answer("How is the cache cleared?", passages))) <= MAX_CHARACTERS + 100


def test_at_most_three_sources_and_only_those_that_speak_of_the_question() -> None:
    passages = [
        passage("The quota limits model requests per minute.", page="Quota"),
        passage("Colours follow the theme of the site.", page="Theme"),
        passage("Set the quota of model requests in the settings file.", page="Settings"),
    ]
    answer = "\n\n".join(extract_answer("What is the quota of model requests?", passages))
    assert "[1]" in answer or "[3]" in answer
    assert "[2]" not in answer


def test_fences_are_closed_when_code_is_cut() -> None:
    code = "```python\n" + "print('a long line of code that goes on')\n" * 60 + "```"
    answer = "\n\n".join(extract_answer("What does print do?", [passage(code)]))
    assert answer.count("```") == 2


def test_nothing_found_quotes_nothing() -> None:
    assert extract_answer("Anything?", []) == []
    assert extract_answer("Anything?", [passage("# Only a heading")]) == []


def test_the_quote_of_a_citation_is_the_sentence_it_rests_on() -> None:
    source = passage("Alpha comes first. The quota is 18 requests a minute. Omega ends it.")
    assert best_quote(source, "You may send 18 requests per minute") == "The quota is 18 requests a minute."
    assert len(best_quote(passage("word " * 500), "word")) <= 300


def test_the_section_whose_heading_is_the_question_answers_it_from_its_beginning() -> None:
    several = passage("Index each site once, and name each index.", headings=("How do I index several sites?",))
    own = passage(
        "Start it, then run:\n\n```bash\nmake ingest\n```\n\nAn index of your site can be rolled back; index it "
        "again to publish what changed on the site.",
        headings=("How do I index my own site?",),
    )
    answer = "\n\n".join(extract_answer("how do I index my own site?", [several, own]))
    assert answer.startswith("Start it, then run")
    assert "make ingest" in answer
