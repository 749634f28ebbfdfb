"""Generated API pages: what literally stands in attributes, beside the page, or packed in its head is shown."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from services.ingest.document import Document

ReadPage = Callable[..., Document]
HEAD = """
import MethodEndpoint from "@theme/ApiExplorer/MethodEndpoint";
import ParamsDetails from "@theme/ParamsDetails";
import RequestSchema from "@theme/RequestSchema";
import StatusCodes from "@theme/StatusCodes";
import Schema from "@theme/Schema";
import Heading from "@theme/Heading";

"""
PARAMETERS = [
    {"name": "mast", "in": "path", "required": True, "schema": {"type": "string", "enum": ["fore", "main"]}},
    {"name": "reefs", "in": "query", "description": "How *many*.", "schema": {"type": "integer", "maximum": 3}},
]
RESPONSES: dict[str, Any] = {
    "200": {"description": "Hoisted.", "content": {"application/json": {"schema": {"$ref": "gone"}}}},
    "409": {"description": "Too much wind."},
}


def text_of(document: Document) -> str:
    return "\n\n".join(block.markdown for section in document.sections for block in section.blocks)


def as_json(**values: Any) -> str:
    return json.dumps(values)


def test_the_endpoint_is_a_heading_and_a_line(read_page: ReadPage) -> None:
    page = HEAD + '<MethodEndpoint\n  method={"put"}\n  path={"/masts/{mast}/sail"}\n>\n\n</MethodEndpoint>\n\nHoists.'
    document = read_page(page)
    assert [(heading.level, heading.id, heading.text) for heading in document.headings[1:]] == [
        (2, "", "/masts/{mast}/sail")
    ]
    assert text_of(document) == "`PUT /masts/{mast}/sail`\n\nHoists."


@pytest.mark.parametrize("place", ["inline", "beside", "head"])
def test_parameters_and_answers_are_read_wherever_they_stand(place: str, read_page: ReadPage) -> None:
    files = {"docs/p.json": as_json(parameters=PARAMETERS), "docs/s.json": as_json(responses=RESPONSES)}
    operation = json.dumps({"parameters": PARAMETERS, "responses": RESPONSES}).encode()
    packed = base64.b64encode(zlib.compress(operation)).decode()
    tags = {
        "inline": f"<ParamsDetails parameters={{{json.dumps(PARAMETERS)}}}/>"
        f"\n\n<StatusCodes responses={{{json.dumps(RESPONSES)}}}/>",
        "beside": '<ParamsDetails {...require("./p.json")}/>\n\n'
        '<StatusCodes {...require("./s.json")}>\n\n</StatusCodes>',
        "head": '<ParamsDetails {...require("./gone.json")}/>\n\n<StatusCodes {...require("./gone.json")}/>',
    }
    head = f"---\napi: {packed}\n---\n" if place == "head" else ""
    document = read_page(head + HEAD + tags[place], files if place == "beside" else None)
    assert text_of(document) == "\n\n".join(
        [
            "**Path Parameters**",
            "- **mast** string required: **Possible values:** [`fore`, `main`]",
            "**Query Parameters**",
            "- **reefs** integer: How *many*.\n  **Possible values:** `<= 3`",
            "**200:** Hoisted.",
            "**Schema** application/json",
            "**409:** Too much wind.",
        ]
    )
    assert [heading.id for heading in document.headings if heading.id] == ["responses"]
    assert len(document.source_paths) == (3 if place == "beside" else 1)


@pytest.mark.parametrize("pack", [zlib.compress, gzip.compress])
def test_the_address_of_the_server_comes_from_the_head(pack: Callable[[bytes], bytes], read_page: ReadPage) -> None:
    packed = base64.b64encode(pack(as_json(servers=[{"url": "https://api.sails.example/v2"}]).encode())).decode()
    page = f"---\napi: {packed}\n---\n{HEAD}<MethodEndpoint method={{'get'}} path={{'/sails'}}/>"
    assert "Base URL: `https://api.sails.example/v2`" in text_of(read_page(page))


@pytest.mark.parametrize("api", ["eJxzTgwo", "'*'", "12", "[a]", base64.b64encode(zlib.compress(b"[1]")).decode()])
def test_a_head_that_cannot_be_unpacked_is_no_loss(api: str, read_page: ReadPage) -> None:
    page = f"---\napi: {api}\n---\n{HEAD}<MethodEndpoint method={{'get'}} path={{'/sails'}}/>"
    assert text_of(read_page(page)) == "`GET /sails`"


def test_a_body_tells_its_media_types_schema_and_examples(read_page: ReadPage) -> None:
    schema = {
        "type": "object",
        "required": ["cloth"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "cloth": {"allOf": [{"type": "string", "description": "What it is made of."}, {"example": "flax"}]},
            "size": {"type": "object", "properties": {"luff": {"type": "number", "exclusiveMinimum": 0}}},
            "seams": {"type": "array", "items": {"type": "string", "format": "date"}},
            "owner": {"oneOf": [{"type": "string"}, {"title": "Crew", "properties": {"count": {"type": "integer"}}}]},
        },
        "additionalProperties": False,
    }
    body = {
        "required": True,
        "description": "The sail.",
        "content": {
            "application/json": {"schema": schema, "example": {"cloth": "flax"}},
            "text/plain": {"schema": {"type": "string", "minLength": 1}},
        },
    }
    document = read_page(f'{HEAD}<RequestSchema title={{"Body"}} body={{{json.dumps(body)}}}/>')
    assert text_of(document) == "\n\n".join(
        [
            "**Body** application/json, required",
            "The sail.",
            (
                "- **cloth** string required: What it is made of.\n  **Example:** `flax`\n- **size** object\n"
                "  - **luff** number: **Possible values:** `> 0`\n- **seams** string<date>[]\n- **owner** object\n"
                "  - oneOf: **string**\n  - oneOf: **Crew**\n    - **count** integer"
            ),
            '```json title="Example"\n{\n  "cloth": "flax"\n}\n```',
            "**Body** text/plain, required",
            "- string: **Possible values:** `non-empty`",
        ]
    )


def test_the_page_of_a_schema_shows_it_and_its_example(read_page: ReadPage) -> None:
    head = '---\ntitle: Sail\nhide_title: true\nschema: true\nsample: {"cloth":"flax"}\n---\n'
    schema = {"type": "object", "properties": {"cloth": {"type": "string", "default": "flax"}}}
    document = read_page(f'{head}{HEAD}<Schema schema={{{json.dumps(schema)}}} schemaType={{"response"}}>\n\n</Schema>')
    code = '```json title="Sail"\n{\n  "cloth": "flax"\n}\n```'
    assert text_of(document) == f"- **cloth** string: **Default value:** `flax`\n\n{code}"


def test_pages_of_older_generators_are_read(read_page: ReadPage) -> None:
    page = """
import ApiTabs from "@theme/ApiTabs";
import MimeTabs from "@theme/MimeTabs";
import ParamsItem from "@theme/ParamsItem";
import SchemaItem from "@theme/SchemaItem";
import TabItem from "@theme/TabItem";

<details style={{"marginBottom":"1rem"}} open={true}><summary><strong>Query Parameters</strong></summary><div><ul>
<ParamsItem className={"paramsItem"} param={{"name":"reefs","in":"query","schema":{"type":"integer"}}}></ParamsItem>
</ul></div></details>

<ApiTabs><TabItem label={"200"} value={"200"}>

Hoisted.

<MimeTabs schemaType={"response"}><TabItem label={"application/json"} value={"application/json"}>
<ul><SchemaItem collapsible={false} name={"cloth"} required={true} schemaName={"string"}
schema={{"description":"Of it."}}></SchemaItem></ul>
</TabItem></MimeTabs></TabItem></ApiTabs>
"""
    document = read_page(page)
    text = text_of(document)
    for part in (
        "Query Parameters",
        "**reefs** integer",
        "**200:** Hoisted.",
        "application/json:",
        "**cloth** string required: Of it.",
    ):
        assert part in text
    assert [heading.id for heading in document.headings if heading.id] == ["responses"]


@pytest.mark.parametrize(
    "given",
    [
        "null",
        "1",
        '"x"',
        "[]",
        "[1]",
        "{}",
        '{"200": 1}',
        '{"200": {"content": [], "headers": 2, "description": {}}}',
        '{"200": {"content": {"a": {"schema": {"properties": [1], "allOf": [1, "x"], "items": 3, "enum": 4}}}}}',
        '{"200": {"content": {"a": {"schema": {"properties": {"a": "circular(X)", "b": {"allOf": ["circular()"]}}}}}}}',
    ],
)
def test_data_of_another_shape_breaks_nothing(given: str, read_page: ReadPage) -> None:
    tags = {"ParamsDetails": "parameters", "StatusCodes": "responses", "RequestSchema": "body", "Schema": "schema"}
    page = HEAD + "".join(f"<{tag} {name}={{{given}}}/>\n\n" for tag, name in tags.items()) + "End."
    assert text_of(read_page(page)).endswith("End.")


def test_a_schema_that_never_ends_is_cut(read_page: ReadPage) -> None:
    schema: Any = {"type": "object", "properties": {**{key: {"type": "string"} for key in "pqrstuvwxyz"}}}
    for _ in range(20):
        schema = {"type": "object", "properties": dict.fromkeys("abc", schema)}
        if len(json.dumps(schema)) > 60_000:
            break
    document = read_page(f"{HEAD}<Schema schema={{{json.dumps(schema)}}}/>")
    assert "**a** object" in text_of(document)
