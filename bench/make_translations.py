"""Refresh the translations: find texts, merge them into the .ts files, compile the .qm files.

    python bench/make_translations.py            find, merge, compile
    python bench/make_translations.py --check    say what is missing or stale; change nothing

Texts of the window are those given to `tr`, `trn` and `mark`, and the texts and tips of commands.
Messages are the sentences that the layers below raise, warn and judge with, as templates: what is
filled in stands in braces. Both go through pyside6-lupdate, which keeps what is translated, and
pyside6-lrelease; Qt Linguist opens the .ts files.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

import PySide6

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "app" / "acutance"
FOLDER = ROOT / "resources" / "acutance_resources" / "translations"
LANGUAGES = ("de",)
WINDOW, MESSAGES = "Window", "Messages"
#: Layers whose sentences reach the window.
BELOW = ("core", "io", "export", "metrics", "engines", "jobs", "session", "batch", "upscaling")
#: Calls whose texts are meant for programmers, logs or files.
_PRIVATE_CALLS = frozenset(
    {
        "ValueError",
        "TypeError",
        "KeyError",
        "RuntimeError",
        "AssertionError",
        "NotImplementedError",
        "IndexError",
        "getLogger",
        "debug",
        "info",
        "warning",
        "error",
        "exception",
        "open",
        "encode",
        "decode",
        "compile",
        "fullmatch",
        "match",
        "search",
        "sub",
        "split",
        "startswith",
        "endswith",
        "replace",
        "strip",
        "rstrip",
        "lstrip",
        "getattr",
        "cast",
        "TypeVar",
        "add_argument",
        "ArgumentParser",
        "execute",
        "executemany",
        "import_module",
        "find_spec",
    }
)
#: Modules below whose texts are written to files or read from them, never shown in the window.
_PRIVATE_MODULES = frozenset(
    {
        "core/bids.py",
        "core/body_part.py",
        "core/deidentification.py",
        "export/confidentiality.py",
        "export/words.py",
        "export/store.py",
        "export/history_store.py",
        "batch/store.py",
        "io/dicom_syntax.py",
        "io/dicom_values.py",
        "export/pdf.py",
        "export/report.py",
        "export/group_report.py",
        "export/dicom_sr.py",
        "export/sr_sources.py",
        "export/record.py",
        "export/picture.py",
        "export/headers.py",
        "jobs/messages.py",
        "jobs/plain.py",
        "core/foreign.py",
    }
)


#: What is put together below of parts, so that no template names it.
_NOUNS = ("slice", "image", "file", "frame", "picture", "volume")
SAID = (
    *(f"{{n}} {noun}{s}" for noun in _NOUNS for s in ("", "s")),
    *("and {n} more slice", "and {n} more slices"),
)


class Text(NamedTuple):
    """One text to translate."""

    context: str
    source: str
    comment: str = ""
    is_plural: bool = False


@cache
def window_texts() -> tuple[Text, ...]:
    """Return the texts of the window, each once."""
    found: dict[Text, None] = {}
    for path in sorted((SOURCES / "qt").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found.update(dict.fromkeys(_of_call(node, path)))
    return tuple(found)


def _of_call(node: ast.Call, path: Path) -> Iterator[Text]:
    name = _name(node.func)
    keywords = {k.arg: k.value for k in node.keywords}
    if name in ("tr", "mark") and node.args:
        comment = _literal(keywords.get("comment")) or ""
        for text in _literals(node.args[0], path):
            yield Text(WINDOW, text, comment)
    elif name == "trn":
        for text in _literals(node.args[1], path):
            yield Text(WINDOW, text, "", True)
    elif name == "Command" and len(node.args) >= 2:
        for given in (node.args[1], keywords.get("tip")):
            if given is not None:
                yield from (Text(WINDOW, text) for text in _literals(given, path))


def _literals(node: ast.expr, path: Path) -> Iterator[str]:
    """Return the texts an argument can be; a variable is marked where it was made."""
    if isinstance(node, ast.IfExp):
        yield from _literals(node.body, path)
        yield from _literals(node.orelse, path)
    elif isinstance(node, ast.JoinedStr):
        raise SystemExit(f"{path}:{node.lineno}: a text to translate is no f-string")
    elif (text := _literal(node)) is not None and text:
        yield text


def _literal(node: ast.expr | None) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_text else None  # type: ignore[union-attr, return-value]


@cache
def templates() -> tuple[frozenset[str], frozenset[str]]:
    """Return what the layers below can say: every template, and those that are sentences.

    Sentences are always translated. Of the rest, names, units and keys among them, only what is
    shown: that is what the .ts file has a translation of.
    """
    found: set[str] = set(SAID)
    for path in (p for layer in BELOW for p in (SOURCES / layer).rglob("*.py")):
        if path.relative_to(SOURCES).as_posix() not in _PRIVATE_MODULES:
            found.update(_said(ast.parse(path.read_text(encoding="utf-8"))))
    return frozenset(found), frozenset(filter(is_sentence, found)) | frozenset(SAID)


def _said(tree: ast.Module) -> Iterator[str]:
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.JoinedStr, ast.Constant)) and not _is_private(node, parents):
            template = template_of(node)
            if template is not None and "\n" not in template and re.search("[a-zA-Z]", template):
                yield template


def is_sentence(template: str) -> bool:
    """Whether a template begins with a capital, or what is filled in, and ends with a full stop."""
    words = re.sub(r"\{[^}]*\}", " ", template)
    has_words = len(re.findall(r"[A-Za-z]{2,}", words)) >= 2 and " " in words.strip()
    return has_words and bool(re.fullmatch(r"[A-Z{].*\.", template)) and "``" not in template


def _is_private(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    child, parent = node, parents.get(node)
    if isinstance(parent, ast.Expr):
        return True  # a docstring
    while parent is not None:
        if isinstance(parent, ast.JoinedStr):
            return True  # part of another
        is_argument = isinstance(parent, ast.Call) and child is not parent.func
        if is_argument and _name(parent.func) in _PRIVATE_CALLS:
            return True
        if isinstance(parent, (ast.Compare, ast.Assert)):
            return True
        if isinstance(parent, ast.Subscript) and child is parent.slice:
            return True
        if isinstance(parent, ast.Dict) and child in parent.keys:
            return True
        if isinstance(parent, ast.AnnAssign) and child is parent.annotation:
            return True
        if isinstance(parent, (ast.arguments, ast.arg, ast.FunctionDef, ast.ClassDef, ast.Module)):
            return False
        child, parent = parent, parents.get(parent)
    return False


def template_of(node: ast.expr) -> str | None:
    """Return a text with what is filled in named in braces."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    parts, names = [], {}
    for value in node.values:  # type: ignore[attr-defined]
        if isinstance(value, ast.Constant):
            if "{" in value.value or "}" in value.value:
                return None
            parts.append(value.value)
        else:
            parts.append("{" + _field(value.value, names) + "}")
    return "".join(parts)


def _field(node: ast.expr, names: dict[str, str]) -> str:
    base = re.sub(r"\W", "", _field_name(node)).strip("_").lower() or "value"
    code, name, count = ast.unparse(node), base, 2
    while names.get(name, code) != code:
        name, count = f"{base}{count}", count + 1
    names[name] = code
    return name


def _field_name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return _field_name(node.value)
    if isinstance(node, ast.Call):
        name = _name(node.func)
        return {"join": "items", "len": "count"}.get(name, name)
    if isinstance(node, ast.BinOp):
        is_plural = isinstance(node.left, ast.Constant) and node.left.value == "s"
        return "s" if is_plural else _field_name(node.left)
    return "value"


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


# Merging and compiling.


def refresh(language: str) -> None:
    """Merge what is there into the .ts file of a language, and compile it."""
    ts = FOLDER / f"acutance_{language}.ts"
    texts = [*window_texts(), *wanted_messages(ts)]
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder) / "texts.py"
        listing.write_text(_listing(texts), encoding="utf-8")
        options = ["-locations", "none", "-no-obsolete", "-silent"]
        languages = ["-source-language", "en_GB", "-target-language", language]
        _run("lupdate", str(listing), *options, *languages, "-ts", str(ts))
    compile_to(ts, ts.with_suffix(".qm"))
    sources = sorted(t.source for t in texts if t.context == MESSAGES)
    listed = json.dumps(sources, ensure_ascii=False, indent=0) + "\n"
    (FOLDER / "messages.json").write_text(listed, encoding="utf-8")


def compile_to(ts: Path, qm: Path) -> None:
    """Compile a .ts file; what is unfinished is left out."""
    _run("lrelease", "-silent", "-nounfinished", str(ts), "-qm", str(qm))


def wanted_messages(ts: Path) -> list[Text]:
    """Return the messages to translate: all sentences, and what else is translated and still said.

    Another fragment comes in by its source in the context Messages of the .ts file.
    """
    every, sentences = templates()
    there = {message.source for message in read_ts(ts) if message.context == MESSAGES}
    return [Text(MESSAGES, source) for source in sorted(sentences | (there & every))]


class Message(NamedTuple):
    """One message of a .ts file."""

    context: str
    source: str
    comment: str
    translations: tuple[str, ...]
    is_finished: bool
    is_plural: bool


def read_ts(ts: Path) -> list[Message]:
    """Return the messages of a .ts file; none where there is no file."""
    if not ts.exists():
        return []
    found = []
    for context in ElementTree.parse(ts).getroot().iter("context"):
        name = context.findtext("name") or ""
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is None:
                continue
            is_plural = message.get("numerus") == "yes"
            forms = [form.text or "" for form in translation.iter("numerusform")]
            texts = tuple(forms) if is_plural else (translation.text or "",)
            is_finished = translation.get("type") is None
            source, comment = message.findtext("source") or "", message.findtext("comment") or ""
            found.append(Message(name, source, comment, texts, is_finished, is_plural))
    return found


def problems(language: str) -> list[str]:
    """Return what is wrong with the files of a language, in words; nothing where all is well."""
    ts = FOLDER / f"acutance_{language}.ts"
    there = read_ts(ts)
    wanted = [*window_texts(), *wanted_messages(ts)]
    keys = {(m.context, m.source, m.comment) for m in there}
    found = [f"not in the .ts: {t.source!r}" for t in wanted if t[:3] not in keys]
    wanted_keys = {t[:3] for t in wanted}
    found += [f"said no more: {m.source!r}" for m in there if m[:3] not in wanted_keys]
    for message in there:
        if not message.is_finished or not all(message.translations):
            found.append(f"unfinished: {message.source!r}")
        for text in message.translations:
            if fields(text) != fields(message.source):
                found.append(f"other placeholders: {message.source!r} -> {text!r}")
    with tempfile.TemporaryDirectory() as folder:
        qm = Path(folder) / "fresh.qm"
        compile_to(ts, qm)
        if qm.read_bytes() != ts.with_suffix(".qm").read_bytes():
            found.append("the .qm was not made of this .ts")
    listed = json.loads((FOLDER / "messages.json").read_text(encoding="utf-8"))
    if listed != sorted(m.source for m in there if m.context == MESSAGES):
        found.append("messages.json does not list the messages of the .ts")
    return found


def fields(text: str) -> frozenset[str]:
    """Return what is filled into a text; the English plural `s` is left to each language."""
    return frozenset(re.findall(r"\{[^}]*\}", text)) - {"{s}"}


def _listing(texts: list[Text]) -> str:
    """Return the texts as calls that lupdate knows: a plain number makes a plural."""
    lines = ["from PySide6.QtCore import QCoreApplication"]
    for text in sorted(texts):
        words = [json.dumps(word, ensure_ascii=False) for word in text[:3]]
        if not text.comment:
            words[2] = '""' if text.is_plural else ""
        call = ", ".join([*filter(None, words), *(["2"] if text.is_plural else [])])
        lines.append(f"QCoreApplication.translate({call})")
    return "\n".join(lines) + "\n"


def _run(tool: str, *arguments: str) -> None:
    """Run a tool of PySide6."""
    program = Path(PySide6.__file__).parent / (f"{tool}.exe" if sys.platform == "win32" else tool)
    subprocess.run([str(program), *arguments], check=True, capture_output=True, text=True)


def main() -> int:
    """Refresh, or check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing")
    arguments = parser.parse_args()
    if not arguments.check:
        for language in LANGUAGES:
            refresh(language)
    found = [f"{language}: {problem}" for language in LANGUAGES for problem in problems(language)]
    print("\n".join(found) or "every text is translated")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
