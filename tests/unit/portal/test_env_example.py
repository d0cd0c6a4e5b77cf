""".env.example and the code name the same variables."""

import ast
import os
import re
import subprocess
import sys

from tests.portal_server import REPOSITORY

# Switches for tests; an operator has no use for them.
FOR_TESTS = {"IGNORE_DOTENV", "PLAIN_STATIC"}
READERS = {"text", "boolean", "integer", "decimal", "words", "web_address"}
RECORD = """
from heygen_portal import env
real, names = env.text, set()
def recorded(name, default=""):
    names.add(name)
    return real(name, default)
env.text = recorded
import heygen_portal.settings
print(" ".join(sorted(names)))
"""


def explained() -> list[str]:
    text = (REPOSITORY / ".env.example").read_text()
    return re.findall(r"^# ?([A-Z][A-Z0-9_]*)=", text, re.MULTILINE)


def read_by_settings(tmp_path, **variables) -> set[str]:
    environment = {"PATH": os.environ["PATH"], "IGNORE_DOTENV": "1", "DATA_DIR": str(tmp_path / "data"), **variables}
    result = subprocess.run(
        [sys.executable, "-c", RECORD], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


def read_in_code() -> set[str]:
    """Names given as plain words to the readers, anywhere in the code."""
    found = set()
    for folder in ("heygen_portal", "avatars"):
        for path in (REPOSITORY / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == "env"
                    and node.func.attr in READERS
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                ):
                    found.add(node.args[0].value)
    return found


def test_it_explains_every_variable_once_and_no_other(tmp_path):
    read = read_in_code() | read_by_settings(tmp_path) | read_by_settings(tmp_path, HEYGEN_API_KEY="key")
    assert len(read) > 25
    names = explained()
    assert len(names) == len(set(names))
    assert set(names) == read - FOR_TESTS


def test_it_reads_every_variable_through_the_typed_readers():
    """A variable read past them would have no _FILE form and no line in .env.example. The sandbox reads its own."""
    offenders = []
    for folder in ("heygen_portal", "avatars"):
        for path in (REPOSITORY / folder).rglob("*.py"):
            if path.name in {"env.py", "run_sandbox.py"} or "sandbox" in path.parts:
                continue
            for found in re.findall(r"os\.(?:environ\.get\(|environ\[|getenv\()[^)\]]*", path.read_text()):
                offenders.append(f"{path.relative_to(REPOSITORY)}: {found}")
    # A code sample that the portal shows to its users reads the environment of their machine, not ours.
    assert [line for line in offenders if "snippets.py" not in line] == []


def test_it_is_a_file_that_the_portal_can_read(tmp_path):
    """With every sample taken in, settings still load: the defaults written there are valid."""
    lines = (REPOSITORY / ".env.example").read_text().splitlines()
    pairs = (line.removeprefix("# ").split("=", 1) for line in lines if re.match(r"# [A-Z][A-Z0-9_]*=", line))
    variables = {name: value for name, value in pairs if value and name != "DATA_DIR"}
    assert "PORT" in read_by_settings(tmp_path, **variables)
