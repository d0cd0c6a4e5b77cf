"""The sandbox and the portal meet over HTTP only."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SANDBOX = ROOT / "heygen_portal" / "sandbox"


def imported(path: Path) -> set[str]:
    """What a module imports, by absolute name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_the_sandbox_imports_nothing_of_the_portal() -> None:
    files = list(SANDBOX.rglob("*.py"))
    assert len(files) > 30
    for path in files:
        for name in imported(path):
            assert not name.startswith("avatars"), path
            assert not name.startswith("heygen_portal") or name.startswith("heygen_portal.sandbox"), path


def test_nothing_imports_the_sandbox() -> None:
    others = [*(ROOT / "avatars").rglob("*.py"), *(ROOT / "heygen_portal").rglob("*.py")]
    found = [
        path.name
        for path in others
        if SANDBOX not in path.parents and any(name.startswith("heygen_portal.sandbox") for name in imported(path))
    ]
    assert found == []


def test_its_files_stay_small() -> None:
    long = {path.name: count for path in SANDBOX.rglob("*.py") if (count := len(path.read_text().splitlines())) > 330}
    assert long == {}
