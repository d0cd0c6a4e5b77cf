"""The floors of the house: who may import whom, and the two doors to the network."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# From the ground up. A module may import from its own floor and from those below.
FLOORS = [
    {"avatars.heygen", "avatars.states", "avatars.outbound"},
    {"avatars.models", "avatars.account"},
    {"avatars.pace", "avatars.step", "avatars.ledger"},
    {"avatars.creation", "avatars.consent", "avatars.library"},
    {"avatars.work"},
    {
        "avatars.web",
        "avatars.management",
        "avatars.templatetags",
        "avatars.admin",
        "avatars.apps",
        "avatars.migrations",
    },
]
DOORS = {"avatars.heygen", "avatars.outbound"}


def modules() -> list[Path]:
    """Every module of the two packages."""
    return [path for package in ("avatars", "heygen_portal") for path in (ROOT / package).rglob("*.py")]


def name_of(path: Path) -> str:
    """The dotted name of a module file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> set[str]:
    """The absolute names a module imports, those inside functions included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


def floor_of(name: str) -> int | None:
    """The number of the floor a dotted name lives on; None outside the house."""
    for number, rooms in enumerate(FLOORS):
        if any(name == room or name.startswith(f"{room}.") for room in rooms):
            return number
    return None


def test_nothing_imports_from_a_floor_above() -> None:
    wrong = {}
    for path in modules():
        mine = floor_of(name_of(path))
        if mine is not None:
            above = {name for name in imports_of(path) if (floor_of(name) or 0) > mine}
            wrong |= {name_of(path): above} if above else {}
    assert not wrong


def test_every_module_of_the_application_has_a_floor() -> None:
    assert not [name for name in map(name_of, modules()) if name.startswith("avatars.") and floor_of(name) is None]


def test_only_the_doors_reach_the_network() -> None:
    wrong = {}
    for path in modules():
        name = name_of(path)
        if floor_of(name) is None or any(name == door or name.startswith(f"{door}.") for door in DOORS):
            continue
        network = {
            one for one in imports_of(path) if one.split(".")[0] == "requests" or one.startswith("urllib.request")
        }
        wrong |= {name: network} if network else {}
    assert not wrong


def test_pages_never_talk_to_heygen() -> None:
    pages = [path for path in modules() if name_of(path).startswith("avatars.web")]
    assert pages
    assert not {
        name_of(path): one
        for path in pages
        for one in imports_of(path)
        if one.startswith(("avatars.heygen", "avatars.outbound"))
    }


def test_the_sandbox_and_the_portal_share_no_code() -> None:
    wrong = {}
    for path in modules():
        stranger = "avatars" if name_of(path).startswith("heygen_portal.sandbox") else "heygen_portal.sandbox"
        shared = {one for one in imports_of(path) if one == stranger or one.startswith(f"{stranger}.")}
        wrong |= {name_of(path): shared} if shared else {}
    assert not wrong
