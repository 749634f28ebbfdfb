"""Answers made of quotations."""

from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.quoting.extract import best_quote, extract_answer
from services.agent.quoting.weights import WEIGHTS


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
    assert sum(map(len, extract_answer("How is the cache cleared?", passages))) <= WEIGHTS.answer_characters + 100


def test_at_most_three_sources_and_only_those_that_speak_of_the_question() -> None:
    passages = [
        passage("The quota limits model requests per minute.", page="Quota"),
        passage("Colours follow the theme of the site.", page="Theme"),
        passage("Set the quota of model requests in the settings file.", page="Settings"),
    ]
    answer = "\n\n".join(extract_answer("What is the quota of model requests?", passages))
    assert "[1]" in answer or "[3]" in answer
    assert "[2]" not in answer


def test_code_that_is_too_long_becomes_a_link_and_is_never_cut() -> None:
    code = "```python\n" + "print('a long line of code that goes on')\n" * 60 + "```"
    told = passage(f"To print, call print:\n\n{code}\n\nIt prints a line.", page="Printing")
    answer = "\n\n".join(extract_answer("What does print do?", [told]))
    assert "```" not in answer
    assert "To print, call print:\n\n→ [Printing](https://x/Printing)" in answer


def test_code_that_was_cut_for_the_index_becomes_a_link() -> None:
    inside = "```js\n        return store.watch(() => {\n```"
    answer = quoted("How do I watch the store?", passage(f"Watch the store like this:\n\n{inside}", page="Store"))
    assert "```" not in answer
    assert "→ [Store](https://x/Store)" in answer


def test_pieces_of_one_block_of_code_are_joined_again() -> None:
    pieces = "```js\nwatch(store, () => {\n```\n\n```js\n  log(store)\n})\n```"
    answer = quoted("How do I watch the store?", passage(f"Watch the store:\n\n{pieces}"))
    assert "```js\nwatch(store, () => {\n  log(store)\n})\n```" in answer


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
    assert answer.startswith("**Install › How do I index my own site?**\n\nStart it, then run".replace("Install", "p"))
    assert "make ingest" in answer


def quoted(question: str, *passages: Passage) -> str:
    return "\n\n".join(extract_answer(question, list(passages)))


def body(question: str, *passages: Passage) -> str:
    """The quotations below the heading of the first."""
    heading, *blocks = extract_answer(question, list(passages))
    assert heading.startswith("**")
    return "\n\n".join(blocks)


def test_how_to_use_a_thing_is_not_answered_with_its_type_declarations() -> None:
    options = passage(
        "```ts\n/**\n * Opt out of the freshness check and its warning.\n */\nignoreFreshness?: boolean\n"
        "/**\n * Paths without a freshness check.\n */\nignoredPaths?: string[]\n```",
        page="Freshness check",
        headings=("Options",),
    )
    usage = passage(
        "To turn the warning of the freshness check off, configure it:\n\n```js\ncheck({ignoreFreshness: true})\n```",
        page="Guide",
    )
    assert body("How do I disable the freshness check warning?", options, usage).startswith("To turn the warning")
    assert "ignoreFreshness?: boolean" in quoted("Which options has the freshness check type?", options, usage)


def test_what_only_tells_where_to_read_is_no_answer() -> None:
    links = passage("[Optimistic updates](/x)", headings=("Optimistic updates", "Example"))
    told = passage(
        "An optimistic update changes the cache before the server answers.\n\nFor more details, see:\n\n- [A talk](/t)",
        page="q",
    )
    answer = body("How do I make optimistic updates?", links, told)
    assert answer.startswith("An optimistic update changes the cache before the server answers.")
    assert "[1]" not in answer


def test_where_to_read_more_stays_beside_what_is_told() -> None:
    told = passage("The cache is kept for a day. See [Caching](https://x/caching) for more.", page="q")
    assert "See [Caching](https://x/caching) for more." in quoted("How long is the cache kept?", told)


def test_of_a_long_table_only_the_rows_that_matter_are_quoted() -> None:
    rows = "\n".join(f"| `SETTING_{n}` | something else number {n} |" for n in range(20))
    table = passage(f"| setting | what it does |\n| --- | --- |\n{rows}\n| `CACHE_DAYS` | Age of a kept answer. |")
    answer = quoted("How long is an answer kept?", table)
    assert "`CACHE_DAYS`" in answer
    assert "| setting | what it does |" in answer
    assert "SETTING_3" not in answer


def test_a_second_source_must_tell_something_new() -> None:
    first = passage("The quota of model requests is 18 a minute, and readers who come later wait in a queue " * 3)
    same = passage("The quota of model requests is 18 a minute.", page="q")
    news = passage("Beyond the quota of model requests, answers are quotations until midnight UTC.", page="r")
    assert "[2]" not in quoted("What is the quota of model requests?", first, same)
    assert "[2]" in quoted("What is the quota of model requests?", first, news)


def test_what_a_thing_is_comes_before_what_is_done_with_it() -> None:
    used = passage("We pass the reducer to the store. The reducer runs. Each reducer gets the reducer's state.")
    defined = passage(
        "A reducer is a function that takes the state and an action and returns the next state.", page="g"
    )
    assert body("What is a reducer?", used, defined).startswith("A reducer is a function")


def test_a_chinese_question_is_answered_by_what_it_asks_about_and_not_by_how_it_asks() -> None:
    how = passage("在 goland 中，可以添加构建配置。", page="常见问题", headings=("如何使用 goland 进行开发",))
    what = passage("中间件通过 http.Middleware 注入，每个请求都会经过它。", page="中间件", headings=("注册",))
    assert body("如何使用中间件?", how, what).startswith("中间件通过")


def test_code_comes_with_a_sentence_that_explains_it() -> None:
    text = (
        "To poll, pass an interval in milliseconds. "
        + "Something else is told here at length. " * 20
        + "\n\n*Note: this needs listeners.*\n\n```js\npoll(endpoint, {interval: 5000})\n```"
    )
    answer = quoted("How do I poll an endpoint at an interval?", passage(text))
    assert answer.index("To poll, pass an interval") < answer.index("poll(endpoint")


def test_what_a_section_announces_is_told_by_its_subsections() -> None:
    announcing = passage("The store follows three principles:", page="Principles")
    one = passage("The state lives in one object. And so on.", page="Principles", headings=("One source",))
    other = passage("Only actions change the state.", page="Principles", headings=("Read-only",))
    elsewhere = passage("Principles of the store are told elsewhere too.", page="q", headings=("One source",))
    answer = body("What are the three principles of the store?", announcing, elsewhere, one, other)
    assert answer.startswith("The store follows three principles [1]:")
    assert "- **One source** — The state lives in one object. [3]" in answer
    assert "- **Read-only** — Only actions change the state. [4]" in answer
    assert "[2]" not in answer


def test_subsections_that_begin_with_code_are_quoted_and_not_squeezed_into_a_line() -> None:
    announcing = passage("Add screenshots in one of two hooks:", page="Screenshots")
    one = passage("```js\nafterTest(() => shoot())\n```", page="Screenshots", headings=("Mocha",))
    other = passage("```js\nafterStep(() => shoot())\n```", page="Screenshots", headings=("Cucumber",))
    answer = quoted("How do I add screenshots?", announcing, one, other)
    assert "— ```" not in answer
    assert answer.count("\n```js\n") == answer.count("```") / 2


def test_a_promise_whose_fulfilment_is_not_there_is_not_made() -> None:
    told = "Reducers are tested by calling them with a state and an action."
    assert body("How are reducers tested?", passage(f"{told}\n\n**Example**")) == f"{told} [1]"


def test_a_section_that_only_names_what_else_to_read_is_not_the_answer() -> None:
    following = passage("We recommend the tutorial on using it with types.", headings=("What's Next?",))
    told = passage("Types are declared once, where the store is made; using it with types needs no more.", page="q")
    assert body("How do I use it with types?", following, told).startswith("Types are declared once")


def test_what_the_search_finds_far_less_relevant_is_not_quoted_first() -> None:
    near = passage("Rows are kept and marked, so that queries leave them out.", page="Soft delete")
    far = passage("Delete rows: rows can be deleted, and deleted rows are left out of all queries.", page="Policies")
    near.relevance_score, far.relevance_score = 0.9, 0.4
    assert quoted("Can rows be deleted softly and left out of queries?", near, far).startswith("**Soft delete**")


def test_the_part_of_a_long_list_that_speaks_of_the_question_is_quoted_whole() -> None:
    items = [f"- Option {number} does something else, at some length, as options do." for number in range(40)]
    items[30] = "- `retries` sets how often a file is tried again;\n  the default is 0."
    answer = quoted("Which option sets how often a file is tried again?", passage("\n".join(items)))
    assert "- `retries` sets how often a file is tried again;\n  the default is 0." in answer
    assert len(answer) < 900


def test_an_identifier_weighs_more_than_other_words() -> None:
    about = passage("The error of a build is shown when the build ends with an error.", page="Builds")
    named = passage("Import `app/runtime` once, where the program starts.", page="Hooks")
    answer = quoted("build error: forgotten import app/runtime?", about, named)
    assert answer.startswith("**Hooks**")
