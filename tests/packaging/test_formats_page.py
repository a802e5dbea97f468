"""The page on formats names every warning that the program can give, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")


def names_in_code() -> set[str]:
    """Return the first argument of every `LoadWarning(...)`, constants of modules resolved."""
    constants: dict[str, str] = {}
    found: set[str] = set()
    unresolved: list[str] = []
    trees = [
        (path, ast.parse(path.read_text(encoding="utf-8")))
        for path in (ROOT / "app" / "acutance").rglob("*.py")
    ]
    for _, tree in trees:
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                for target in node.targets:
                    if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                        constants[target.id] = node.value.value
    for path, tree in trees:
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            if getattr(node.func, "id", getattr(node.func, "attr", "")) != "LoadWarning":
                continue
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
            elif isinstance(first, ast.Name) and first.id in constants:
                found.add(constants[first.id])
            else:
                unresolved.append(f"{path.name}, line {node.lineno}")
    assert not unresolved, f"name the warning with a constant: {unresolved}"
    return found


def test_every_warning_is_explained_and_none_that_is_not_given() -> None:
    catalogue = PAGE.partition("## Warnings")[2].partition("\n## ")[0]
    explained = re.findall(r"^\| `(\w+)` \|", catalogue, re.MULTILINE)
    assert explained == sorted(set(explained)), "in alphabetical order, each once"
    assert set(explained) == names_in_code()


def test_warnings_have_machine_names() -> None:
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names_in_code())
