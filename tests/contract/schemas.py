"""Holds requests and answers against a written description of HeyGen's API.

Two descriptions are understood: our own, in ``schema/*.json`` (JSON Schema 2020-12), and HeyGen's published OpenAPI
document, when the environment variable HEYGEN_OPENAPI names a copy of it. Both are used through the same functions::

    validate_request("POST", "/v3/avatars", {}, body, "application/json")
    validate_response("GET", "/v3/avatars/abc", 200, payload, against=published())

A mismatch raises `Mismatch`, which is an AssertionError and lists every fault.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

SCHEMA_FOLDER = Path(__file__).parent / "schema"

Schema = dict[str, Any]


class Mismatch(AssertionError):
    """A request or an answer is not as described."""


@dataclass(frozen=True)
class Operation:
    """One call: a request without `content_type` carries no body; `error` describes every answer from 400 on."""

    method: str
    path: str
    query: Schema
    content_type: str | None
    request: Schema | None
    request_required: bool
    response: Schema
    error: Schema


class Description:
    """The operations of one description, found by method and path."""

    def __init__(self, name: str, operations: list[Operation], registry: Registry | None = None) -> None:
        self.name = name
        self.operations = operations
        self._registry = registry or Registry()

    def find(self, method: str, path: str) -> Operation:
        """The operation a request belongs to. A literal segment wins over a placeholder, so that
        ``/v3/avatars/looks`` is not taken for a group called "looks"."""
        parts = _segments(path.split("?", 1)[0])
        fitting = [
            operation for operation in self.operations if operation.method == method and _fits(operation.path, parts)
        ]
        if not fitting:
            raise Mismatch(f"{method} {path} is not in the {self.name} description.")
        return min(fitting, key=lambda operation: [_is_placeholder(part) for part in _segments(operation.path)])

    def faults(self, schema: Schema, value: object) -> list[str]:
        """Every way in which `value` differs from `schema`."""
        validator = Draft202012Validator(schema, registry=self._registry)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def validate_request(
    method: str,
    path: str,
    query: Mapping[str, str],
    body: object,
    content_type: str | None,
    *,
    against: Description | None = None,
) -> None:
    """Check a request as it was sent; `body` as `read_body` gives it, None when there was none."""
    description = against or ours()
    operation = description.find(method, path)
    faults = [f"query {fault}" for fault in description.faults(operation.query, _typed(query, operation.query))]
    sent_type = (content_type or "").partition(";")[0].strip().lower() or None
    if body is None:
        if operation.request is not None and operation.request_required:
            faults.append("the body is missing")
    elif operation.request is None:
        faults.append("a body where none belongs")
    elif sent_type != operation.content_type:
        faults.append(f"content type {sent_type} instead of {operation.content_type}")
    else:
        faults += [f"body {fault}" for fault in description.faults(operation.request, body)]
    _raise_for(faults, method, path, description)


def validate_response(method: str, path: str, status: int, body: object, *, against: Description | None = None) -> None:
    """Check the decoded body of an answer: the success shape below 300, the error shape from 400 on."""
    description = against or ours()
    operation = description.find(method, path)
    if 300 <= status < 400:
        raise Mismatch(f"{method} {path}: no redirect ({status}) is described.")
    schema = operation.response if status < 300 else operation.error
    _raise_for(description.faults(schema, body), method, f"{path} -> {status}", description)


def read_body(raw: bytes, content_type: str | None) -> object:
    """A body as the validators take it: JSON decoded, a multipart form as {part name: file name}, None when empty."""
    if not raw:
        return None
    if (content_type or "").startswith("multipart/form-data"):
        message = message_from_bytes(b"Content-Type: " + (content_type or "").encode() + b"\r\n\r\n" + raw)
        parts = message.get_payload()
        assert isinstance(parts, list), "The multipart body has no parts."
        return {
            part.get_param("name", header="content-disposition"): part.get_filename() or ""  # type: ignore[union-attr]
            for part in parts
        }
    return json.loads(raw)


@cache
def ours() -> Description:
    """Our own description, from the files in ``schema``."""
    documents = [json.loads(file.read_text("utf-8")) for file in sorted(SCHEMA_FOLDER.glob("*.json"))]
    for document in documents:
        Draft202012Validator.check_schema(document)
    registry: Registry = Registry().with_resources(
        (document["$id"], Resource.from_contents(document)) for document in documents
    )
    common = next(document["$id"] for document in documents if document["$id"].endswith("/common.json"))
    operations = []
    for document in documents:
        for entry in document.get("operations", []):
            request = entry.get("request")
            operations.append(
                Operation(
                    method=entry["method"],
                    path=entry["path"],
                    query=entry.get("query", {"type": "object", "additionalProperties": False}),
                    content_type=request["content_type"] if request else None,
                    request=request["schema"] if request else None,
                    request_required=request is not None,
                    response=entry["response"],
                    error={"$ref": f"{common}#/$defs/error"},
                )
            )
    return Description("portal's own", operations, registry)


@cache
def published() -> Description | None:
    """HeyGen's published description, or None when HEYGEN_OPENAPI names no file."""
    name = os.environ.get("HEYGEN_OPENAPI")
    if not name:
        return None
    document = json.loads(Path(name).read_text("utf-8"))
    return Description("published", list(_published_operations(document)))


def _published_operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, entry in methods.items():
            if method not in ("get", "post", "put", "patch", "delete"):
                continue
            content = entry.get("requestBody", {}).get("content", {})
            content_type = next(iter(content), None)
            success = next(answer for code, answer in entry["responses"].items() if code.startswith("2"))
            yield Operation(
                method=method.upper(),
                path=path,
                query=_query_schema(entry.get("parameters", []), document),
                content_type=content_type,
                request=converted(content[content_type]["schema"], document, closed=True) if content_type else None,
                request_required=entry.get("requestBody", {}).get("required", False),
                response=_answer_schema(success, document),
                error=_answer_schema(entry["responses"]["default"], document),
            )


def _query_schema(parameters: list[dict[str, Any]], document: dict[str, Any]) -> Schema:
    queries = [parameter for parameter in parameters if parameter["in"] == "query"]
    return {
        "type": "object",
        "properties": {parameter["name"]: converted(parameter["schema"], document) for parameter in queries},
        "required": [parameter["name"] for parameter in queries if parameter.get("required")],
        "additionalProperties": False,
    }


def _answer_schema(answer: dict[str, Any], document: dict[str, Any]) -> Schema:
    """The shape of an answer; any JSON where the document shows none."""
    content = answer.get("content", {}).get("application/json", {})
    return converted(content.get("schema", {}), document)


def converted(schema: Schema, document: dict[str, Any], *, closed: bool = False) -> Schema:
    """An OpenAPI 3.0 schema as JSON Schema: references resolved, ``nullable`` turned into a type and a value.

    With `closed`, objects that list their properties take no others: HeyGen refuses request fields it does not know.
    """
    if "$ref" in schema:
        target: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return converted(target, document, closed=closed)
    result = dict(schema)
    for keyword in ("oneOf", "anyOf", "allOf"):
        if keyword in schema:
            result[keyword] = [converted(branch, document, closed=closed) for branch in schema[keyword]]
    if "items" in schema:
        result["items"] = converted(schema["items"], document, closed=closed)
    if schema.get("properties"):
        result["properties"] = {
            name: converted(value, document, closed=closed) for name, value in schema["properties"].items()
        }
        if closed:
            result.setdefault("additionalProperties", False)
    if result.pop("nullable", False):
        if isinstance(result.get("type"), str):
            result["type"] = [result["type"], "null"]
        if "enum" in result and None not in result["enum"]:
            result["enum"] = [*result["enum"], None]
    return result


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").split("/")


def _is_placeholder(part: str) -> bool:
    return part.startswith("{")


def _fits(template: str, parts: list[str]) -> bool:
    wanted = _segments(template)
    return len(wanted) == len(parts) and all(
        part != "" if _is_placeholder(want) else want == part for want, part in zip(wanted, parts, strict=True)
    )


def _typed(query: Mapping[str, str], schema: Schema) -> dict[str, object]:
    """Query values with whole numbers turned into numbers where the schema asks for them."""
    properties = schema.get("properties", {})
    return {
        name: int(value) if properties.get(name, {}).get("type") == "integer" and value.isdecimal() else value
        for name, value in query.items()
    }


def _raise_for(faults: list[str], method: str, path: str, description: Description) -> None:
    if faults:
        listed = "\n  ".join(faults)
        raise Mismatch(f"{method} {path} differs from the {description.name} description:\n  {listed}")
