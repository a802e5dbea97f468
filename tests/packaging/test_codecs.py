"""The bundle carries the codecs that are loaded by name at run time."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

SPEC = Path(__file__).parents[2] / "installer" / "acutance.spec"
#: What reading compressed TIFF, deep PNG, JPEG 2000 and 12-bit JPEG takes.
NEEDED = ("_imcd", "_jpeg2k", "_jpeg8", "_lzma", "_png", "_shared", "_zlib", "_zstd")


def test_the_bundle_names_every_codec_that_is_needed() -> None:
    text = SPEC.read_text(encoding="utf-8")
    block = text[text.index('f"imagecodecs.{name}"') :].partition("]")[0]
    named = set(re.findall(r'"(_\w+)"', block))
    assert named >= set(NEEDED)
    for name in NEEDED:
        importlib.import_module(f"imagecodecs.{name}")
