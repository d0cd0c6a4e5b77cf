"""Ready requests for HeyGen's POST /v3/videos, to be pasted into a terminal or a script.

They never hold the real key: they read it from the environment, where whoever runs them has put it.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from avatars.states import ENGINE_LABELS

HEYGEN = "https://api.heygen.com"
KEY = "HEYGEN_API_KEY"
# HeyGen uses Avatar IV where a request names no engine.
_DEFAULT_ENGINE = "avatar_iv"
_RATIOS = {"portrait": "9:16", "landscape": "16:9"}
_SCRIPT = "Hello, it is good to see you. This is what I have for you today."
_VOICE = "<voice id>"


@dataclass(frozen=True)
class Sample:
    """One way to write the request."""

    label: str
    code: str


@dataclass(frozen=True)
class Engine:
    """An engine a look supports: HeyGen's word, and ours for it."""

    word: str
    label: str


def engines_of(words: Any) -> list[Engine]:
    """The engines a look lists, the one HeyGen would take by itself first; unknown words are shown as they are."""
    known = [word for word in words if isinstance(word, str) and word] if isinstance(words, list) else []
    ordered = sorted(dict.fromkeys(known), key=lambda word: word != _DEFAULT_ENGINE)
    return [Engine(word, ENGINE_LABELS.get(word, word)) for word in ordered]


def video_body(*, look_id: str, voice_id: str, orientation: str, engine: str) -> dict[str, Any]:
    """The body of the request. An engine is named only when the look lists engines, because others are refused."""
    body: dict[str, Any] = {
        "type": "avatar",
        "avatar_id": look_id,
        "script": _SCRIPT,
        "voice_id": voice_id or _VOICE,
        "resolution": "1080p",
        "aspect_ratio": _RATIOS.get(orientation, "16:9"),
    }
    if engine:
        body["engine"] = {"type": engine}
    return body


def samples(*, look_id: str, voice_id: str = "", orientation: str = "", engine: str = "") -> list[Sample]:
    """The request for one look, as a curl command and as a Python script."""
    body = video_body(look_id=look_id, voice_id=voice_id, orientation=orientation, engine=engine)
    address = f"{_base()}/v3/videos"
    return [Sample("curl", _curl(address, body)), Sample("Python", _python(address, body))]


def _base() -> str:
    """Where videos are made. The sandbox makes none, so its snippets name the real place."""
    return HEYGEN if settings.SANDBOX_MODE else settings.HEYGEN_API_BASE.rstrip("/")


def _curl(address: str, body: dict[str, Any]) -> str:
    text = json.dumps(body, indent=2, ensure_ascii=False)
    return "\n".join(
        (
            f"curl --fail-with-body {shlex.quote(address)} \\",
            f'  -H "X-Api-Key: ${KEY}" \\',
            "  -H 'Content-Type: application/json' \\",
            f"  --data-raw {shlex.quote(text)}",
        )
    )


def _python(address: str, body: dict[str, Any]) -> str:
    lines = ["import os", "", "import requests", "", "response = requests.post("]
    lines.append(f"    {address!r},")
    lines.append(f'    headers={{"X-Api-Key": os.environ["{KEY}"]}},')
    lines.append("    json={")
    lines.extend(f"        {_literal(name)}: {_literal(value)}," for name, value in body.items())
    lines += [
        "    },",
        "    timeout=30,",
        ")",
        "response.raise_for_status()",
        'print(response.json()["data"]["video_id"])',
    ]
    return "\n".join(lines)


def _literal(value: Any) -> str:
    """A value as Python source: JSON's notation of words and of flat objects of words is Python's as well."""
    return json.dumps(value, ensure_ascii=False)
