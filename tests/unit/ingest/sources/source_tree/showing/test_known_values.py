"""A value that is known stays known, whatever it is handed to: files, data, constants, components of the site."""

from collections.abc import Callable

import pytest

from services.ingest.document import Document

ReadPage = Callable[..., Document]
PageText = Callable[..., str]
CODE = {"docs/code/knot.ts": "tie('bowline');\n", "docs/notes.txt": "Mind the gap.\n"}


@pytest.mark.parametrize(
    "specifier",
    [
        "!!raw-loader!./code/knot.ts",
        "!!raw-loader!./code/knot",
        "raw-loader!@site/docs/code/knot.ts",
        "!!raw-loader!measure-loader!./code/knot.ts",
        "!!raw-loader?esModule=false!./code/knot.ts",
        "./code/knot.ts?raw",
    ],
)
@pytest.mark.parametrize(
    "use",
    [
        '<CodeBlock language="ts">{Knot}</CodeBlock>',
        '<Runner className="language-ts">{Knot}</Runner>',
        '<Runner className="language-ts">\n\t{Knot}\n</Runner>',
        '<Runner language="ts" children={Knot}/>',
        "<Runner code={Knot}/>",
        "{Knot}",
        "<div>\n<Deep><Deeper>{Knot}</Deeper></Deep>\n</div>",
    ],
)
def test_an_imported_file_is_code_wherever_it_is_shown(specifier: str, use: str, page_text: PageText) -> None:
    text = page_text(f"import Runner from 'runner';\nimport Knot from '{specifier}';\n\nSee:\n\n{use}\n\nEnd.", CODE)
    assert text == "See:\n\n```ts\ntie('bowline');\n```\n\nEnd."


def test_a_file_that_is_required_is_code_too(page_text: PageText) -> None:
    text = page_text("<Runner>{require('!!raw-loader!./code/knot.ts').default}</Runner>", CODE)
    assert text == "```ts\ntie('bowline');\n```"


def test_a_missing_file_is_told(read_page: ReadPage) -> None:
    document = read_page("import Gone from '!!raw-loader!./gone.py';\n\n<Any>{Gone}</Any>\n\nText.")
    assert [problem.code for problem in document.problems] == ["include-missing"]


def test_an_import_between_tags_counts(page_text: PageText) -> None:
    page = (
        "<details>\n<summary>Show</summary>\n\n```mdx-code-block\nimport Knot from '!!raw-loader!./code/knot.ts';\n\n"
        '<CodeBlock language="ts">{Knot}</CodeBlock>\n```\n\n</details>\n\n'
        ":::tip\n\nimport Again from '!!raw-loader!./code/knot.ts';\n\n<X>{Again}</X>\n\n:::\n"
    )
    assert page_text(page, CODE) == "**Show**\n\n```ts\ntie('bowline');\n```\n\n**Tip:**\n\n```ts\ntie('bowline');\n```"


def test_comments_in_a_tag_are_not_shown(page_text: PageText) -> None:
    page = 'A <Note // for "us"\n  label="seen" /> b.\n\n<Card // it\'s\n  title="Shown"\n>\n\nInner.\n\n</Card>'
    assert page_text(page) == "A seen b.\n\n**Shown**\n\nInner."


@pytest.mark.parametrize(
    "attributes",
    ["title='T'", 'label="T"', "summary={'T'}", "description={`T`}", "text={1 ? 'T' : ''}", "caption='T'", "alt='T'"],
)
def test_attributes_that_readers_usually_see_are_shown(attributes: str, page_text: PageText) -> None:
    assert page_text(f"import Card from 'cards';\n\n<Card {attributes} icon='no' />") == "T"


def test_components_side_by_side_are_set_apart(page_text: PageText) -> None:
    page = "import Logo from 'logos';\n\nBy <Logo alt='Ada'/><Logo alt='Bea' /> and **o**thers."
    assert page_text(page) == "By Ada Bea and **o**thers."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("boats.json", '[{"name": "Ada", "draught": 0.9}, {"name": "Bea", "draught": 2}]'),
        ("boats.yaml", "- {name: Ada, draught: 0.9}\n- {name: Bea, draught: 2}\n"),
        ("boats.js", "const deep = 2;\nexport default [{name: 'Ada', draught: 0.9}, {name: 'Bea', draught: deep}];\n"),
        ("boats.ts", "export default [{name: 'Ada', draught: .9}, {name: 'Bea', draught: 2}] as const;\n"),
    ],
)
def test_data_is_shown_as_the_page_lays_it_out(name: str, content: str, page_text: PageText) -> None:
    page = (
        f"import boats from './{name}';\n\n<table><tbody>\n"
        "{boats.map(({name, draught}) => <tr key={name}><td>{name}</td><td>{`${draught} m`}</td></tr>)}\n"
        "</tbody></table>\n\n{boats.map(boat => <Row key={boat.name} title={boat.name} />)}\n\n"
        "<ul>{boats.filter(b => b.draught > 1).map(b => <li>{b.name} is deep</li>)}</ul>\n"
    )
    shown = "| Ada | 0.9 m |\n| --- | --- |\n| Bea | 2 m |\n\nAda\n\nBea\n\n- Bea is deep"
    assert page_text(page, {f"docs/{name}": content}) == shown


def test_constants_and_expressions_have_their_values(page_text: PageText) -> None:
    page = (
        "export const unit = 'm';\nexport const Deep = ({by}) => <b>{by} {unit}</b>;\n\nBy <Deep by={1 + 1} />, {unit}."
    )
    assert page_text(page) == "By **2 m**, m."


CARD = """import styles from './card.module.css';
const KINDS = {risk: 'Take care'};
export default function Card({title, kind, children}) {
  return <section className={styles.card}><h4>{title}</h4>{KINDS[kind] && <p>{KINDS[kind]}</p>}{children}</section>;
}
export const Through = ({children, ...rest}) => <div {...rest}>{children}</div>;
export const Clock = () => { const [now] = useState(0); return <time>{now}</time>; };
export const Swallows = ({children}) => <BrowserOnly>{() => <Live>{children}</Live>}</BrowserOnly>;
"""


def test_a_simple_component_of_the_site_shows_what_it_returns(read_page: ReadPage) -> None:
    document = read_page(
        "import Card, {Through} from '@site/src/Card';\n\n<Card title='Rope' kind='risk'>\n\nTie **it**.\n\n</Card>\n\n"
        "<Through>\n\n## Inside\n\nKept.\n\n</Through>",
        {"src/Card.jsx": CARD},
    )
    assert [(heading.level, heading.id, heading.text) for heading in document.headings] == [
        (1, "", "page"),
        (4, "", "Rope"),
        (2, "inside", "Inside"),
    ]
    blocks = [block.markdown for section in document.sections for block in section.blocks]
    assert blocks == ["Take care", "Tie **it**.", "Kept."]
    assert document.source_paths == ("docs/page.mdx", "src/Card.jsx")


def test_components_that_wrap_those_of_the_theme_are_these(page_text: PageText) -> None:
    wrappers = (
        "import ThemeCode from '@theme/CodeBlock';\nimport Original from '@theme-original/Tabs';\n"
        "export const Code = props => <ThemeCode language='js' {...props} />;\n"
        "export default function OsTabs({children}) { return <Original groupId='os'>{children}</Original>; }\n"
    )
    page = (
        "import OsTabs, {Code} from '@site/src/wrap';\nimport Item from '@theme/TabItem';\n\n<OsTabs>\n"
        "<Item value='mac' label='macOS'>\n\nBrew.\n\n</Item>\n<Item value='win'>\n\nScoop.\n\n</Item>\n</OsTabs>\n\n"
        "<Code title='a.js'>{`one();\ntwo();`}</Code>"
    )
    shown = '**macOS:** Brew.\n\n**win:** Scoop.\n\n```js title="a.js"\none();\ntwo();\n```'
    assert page_text(page, {"src/wrap.tsx": wrappers}) == shown


def test_a_component_that_is_a_program_keeps_its_children_or_is_told(read_page: ReadPage) -> None:
    document = read_page(
        "import {Clock, Swallows} from '@site/src/Card';\n\n<Swallows>Kept.</Swallows>\n\n<Clock />",
        {"src/Card.jsx": CARD},
    )
    assert [block.markdown for section in document.sections for block in section.blocks] == ["Kept."]
    assert [problem.code for problem in document.problems] == ["component-unread"]


@pytest.mark.parametrize(
    ("specifier", "is_told"),
    [
        ("@theme/Gauge", True),
        ("tide-widgets", True),
        ("@site/src/gone", True),
        ("@theme/DocCardList", False),
        ("@docusaurus/BrowserOnly", False),
        ("react-icons/fa", False),
        ("./drawing.svg", False),
    ],
)
def test_a_component_that_swallows_what_it_is_given_is_told(specifier: str, is_told: bool, read_page: ReadPage) -> None:
    document = read_page(f"import Gauge from '{specifier}';\n\n<Gauge level={{[1]}}>\n\n</Gauge>\n\nText.")
    assert [problem.code for problem in document.problems] == ["component-unread"] * is_told


def test_a_heading_component_is_a_heading_with_its_id(read_page: ReadPage) -> None:
    document = read_page(
        '<Heading as={"h2"} id={"ask"} children={"Ask"}>\n</Heading>\n\n<Heading as="h3" id="tell">Tell</Heading>'
    )
    assert [(heading.level, heading.id, heading.text) for heading in document.headings[1:]] == [
        (2, "ask", "Ask"),
        (3, "tell", "Tell"),
    ]


CODE_PLUGIN = {"remarkPlugins": ["remark-code-import"]}
PILOT = {
    "docs/pilot.js": "// pilot\nconst depth = 3;\nconst tide = 1;\nsail();\n",
    "lib/a b.js": "// mark\nhoist();\n// end\n",
}


@pytest.mark.parametrize(
    ("meta", "code"),
    [
        ("file=./pilot.js", "// pilot\nconst depth = 3;\nconst tide = 1;\nsail();"),
        ("file=pilot.js#L2", "const depth = 3;"),
        ('file=./pilot.js#L2-L3 title="x"', "const depth = 3;\nconst tide = 1;"),
        ("file=<rootDir>/docs/pilot.js#L4-", "sail();"),
        ("file=../lib/a\\ b.js start=mark end=end", "hoist();"),
    ],
)
def test_code_blocks_show_the_files_they_name(meta: str, code: str, page_text: PageText) -> None:
    assert f"\n{code}\n```" in page_text(f"```js {meta}\n```", PILOT, **CODE_PLUGIN)


def test_without_the_plugin_a_file_in_the_fence_is_only_a_word(page_text: PageText) -> None:
    assert page_text("```js file=./pilot.js\nown();\n```", PILOT) == "```js\nown();\n```"


def test_a_code_block_never_shows_what_lies_outside_the_site(read_page: ReadPage) -> None:
    document = read_page("Text.\n\n```sh file=../../../../../../../../etc/passwd\n```", **CODE_PLUGIN)
    assert [problem.code for problem in document.problems] == ["include-missing"]
    assert [block.markdown for section in document.sections for block in section.blocks] == ["Text."]


QUOTE = "> [!CAUTION]\n> Slack water is **short**.\n\n> [!NOTE]\n>\n> Two.\n>\n> - three\n\n> [!OTHER] four"


def test_alerts_of_github_are_admonitions_where_a_plugin_makes_them(page_text: PageText) -> None:
    text = page_text(QUOTE, beforeDefaultRemarkPlugins=[], remarkPlugins=["remark-github-admonitions-to-directives"])
    assert text == "**Danger:** Slack water is **short**.\n\n**Note:** Two.\n\n- three\n\n> [!OTHER] four"
    text = page_text(QUOTE, remarkPlugins=["remark-github-blockquote-alert"])
    assert text.startswith("**Caution:** Slack water")


def test_without_the_plugin_they_are_quotes(page_text: PageText) -> None:
    assert page_text(QUOTE).startswith("> [!CAUTION] Slack water is **short**.")


def test_keywords_of_the_site_are_admonitions(page_text: PageText) -> None:
    text = page_text(":::knot[Reef]\n\nTie.\n\n:::", admonitions={"keywords": ["knot"], "extendDefaults": False})
    assert text == "**Knot: Reef** Tie."


@pytest.mark.parametrize(
    "program",
    [
        "export const Loop = () => <Loop />;",
        "export const Loop = ({n = 1}) => <b><Loop n={n + 1} />{n}</b>;",
        "export const f = x => f(x);\nexport const Loop = f(1);",
        "export const a = [1,2,3,4,5,6,7,8,9];\nexport const Loop = " + "a.map(x => " * 8 + "x" + ")" * 8 + ";",
        "export const Loop = Loop;",
    ],
)
def test_a_program_without_end_ends_and_the_page_is_read(program: str, page_text: PageText) -> None:
    assert page_text(f"{program}\n\nBefore.\n\n<Loop>Inside.</Loop>\n\nAfter.").endswith("After.")
