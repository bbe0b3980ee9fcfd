"""Writes the API's OpenAPI document, and the client's documents from it: `python tools/write_client.py [FOLDER]`."""

from __future__ import annotations

import json
import textwrap
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hub.api.app import Application

ROOT = Path(__file__).resolve().parent.parent
FILES = ("docs/openapi.json", "hub/client/documents.py", "hub/client/rows.py")
BY_HAND = {"Published", "NotPublished", "Results", "NoMatch"}
"""What `hub.client.publishing` says in one type, or the client by None."""
_REF = "#/components/schemas/"
_SECTION = "Section"
_FORMATS = {"date-time": "datetime", "date": "date"}
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_HEAD = '''"""{doc}

Written by tools/write_client.py from the OpenAPI document: run it again. Members that a later hub adds are left out.
"""

from __future__ import annotations

{imports}


class {base}(msgspec.Struct):
    """{about}"""
'''
_DOCUMENTS = {
    "doc": "What the API answers, as typed records.",
    "imports": "from datetime import date, datetime\nfrom typing import Any\n\nimport msgspec\n\n"
    "from hub.client import rows",
    "base": "Document",
    "about": "A document of the API, or a part of one.",
}
_ROWS = {
    "doc": "The rows of the read models, as typed records.",
    "imports": "from collections.abc import Mapping\nfrom datetime import date, datetime\n\nimport msgspec",
    "base": "Row",
    "about": "A row of a read model.",
}


def main(folder: Path) -> None:
    """Write the three files below a folder."""
    document = Application().openapi()
    schemas = document["components"]["schemas"]
    found = dict(reachable(document, schemas))
    rows = {name: schema for name, schema in found.items() if name.endswith("Row") and name != "OpenRow"}
    others = {name: schema for name, schema in found.items() if name not in rows and not name.endswith(_SECTION)}
    texts = (
        json.dumps(document, indent=2, ensure_ascii=False) + "\n",
        _module(_DOCUMENTS, others, rows),
        _module(_ROWS, rows, {}) + _sections(document, schemas),
    )
    for file, text in zip(FILES, texts, strict=True):
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def reachable(document: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the schemas of what operations answer when they succeed, each before those that name it."""
    seen: set[str] = set()

    def below(part: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).removeprefix(_REF)
            if name in schemas and name not in seen:
                seen.add(name)
                yield from below(schemas[name].get("properties", {}))
                if name not in BY_HAND:
                    yield name, schemas[name]
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            yield from below(inner)

    for item in document["paths"].values():
        for operation in item.values():
            answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            yield from below([answer["content"].get("application/json", {}).get("schema") for answer in answers])


def _module(head: Mapping[str, str], found: Mapping[str, Any], rows: Mapping[str, Any]) -> str:
    return _HEAD.format(**head) + "".join(_struct(name, schema, head["base"], rows) for name, schema in found.items())


def _struct(name: str, schema: Mapping[str, Any], base: str, rows: Mapping[str, Any]) -> str:
    lines = [f"class {name}({base}):", *_docstring(schema.get("description", name), "    "), ""]
    required = schema.get("required", ())
    # Python has members with a default behind the others.
    for field, kind in sorted(schema["properties"].items(), key=lambda each: each[0] not in required):
        annotation = _type(kind, rows)
        if field not in required:
            default = kind.get("default")
            may_be_none = " | None" if default is None and not annotation.endswith("None") else ""
            annotation += f"{may_be_none} = {json.dumps(default) if default is not None else None}"
        lines.append(f"    {field}: {annotation}")
        if "description" in kind:
            lines += _docstring(kind["description"], "    ")
    return "\n\n" + "\n".join(lines) + "\n"


def _docstring(text: str, indent: str) -> list[str]:
    summary, *rest = (" ".join(part.split()) for part in text.split("\n\n"))
    if not rest and len(summary) <= 120 - len(indent) - 6:
        return [f'{indent}"""{summary}"""']
    begun = textwrap.wrap(f'"""{summary}', 120 - len(indent))
    more = [line for part in rest for line in ("", *textwrap.wrap(part, 120 - len(indent)))]
    return [f"{indent}{line}" if line else "" for line in [*begun, *more, '"""']]


def _type(schema: Mapping[str, Any], rows: Mapping[str, Any]) -> str:
    match schema:
        case {"$ref": str(ref)}:
            name = ref.removeprefix(_REF)
            return f"rows.{name}" if name in rows else name
        case {"anyOf": list(arms)}:
            return " | ".join(_type(arm, rows) for arm in arms)
        case {"type": "null"}:
            return "None"
        case {"type": "array", "items": items}:
            return f"list[{_type(items, rows)}]"
        case {"type": "object", "additionalProperties": dict(values)}:
            return f"dict[str, {_type(values, rows)}]"
        case {"type": "object"}:
            return "dict[str, Any]"
        case _:
            name = schema.get("type", "")
            return _FORMATS.get(schema.get("format", ""), _PLAIN.get(name, "Any"))


def _sections(document: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    lines = []
    for path, item in document["paths"].items():
        content = item.get("get", {"responses": {"200": {}}})["responses"]["200"].get("content", {})
        name = content.get("application/json", {}).get("schema", {}).get("$ref", "").removeprefix(_REF)
        if name.endswith(_SECTION):
            row = schemas[name]["properties"]["items"]["items"]["$ref"].removeprefix(_REF)
            lines.append(f'    {row}: "{path.rpartition("/")[2]}",')
    doc = '"""The section of a pathway that has rows of a kind."""'
    return "\n".join(["", "", "SECTIONS: Mapping[type[Row], str] = {", *lines, "}", doc, ""])


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT, help="where to write instead of the checkout")
    main(parser.parse_args().folder)
