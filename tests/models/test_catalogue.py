"""`acutance_models.catalogue` and what importing the package costs."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest

import acutance_models
from acutance_models.catalogue import MANIFEST, get_descriptor, list_descriptors, read_manifest
from acutance_models.errors import UnknownNetworkError, WeightsError
from acutance_models.ot_restore.files import load_operator

if TYPE_CHECKING:
    from pathlib import Path


def test_every_entry_is_what_lies_on_disk() -> None:
    assert list_descriptors()
    for descriptor in list_descriptors():
        data = descriptor.weights_file.read_bytes()
        assert len(data) == descriptor.size_bytes <= 25_000_000
        assert hashlib.sha256(data).hexdigest() == descriptor.sha256
        assert descriptor.card.is_file()
        for file in descriptor.operators:
            assert file.path.stat().st_size == file.size_bytes
            operator = load_operator(file.path, sha256=file.sha256)
            assert operator.provenance["network_sha256"] == descriptor.sha256
            assert operator.noise == file.noise > 0


def test_nobody_is_both_trained_on_and_held_out() -> None:
    for descriptor in list_descriptors():
        assert not set(descriptor.training_data) & set(descriptor.held_out)
        noticed = [notice.partition(":")[0] for notice in descriptor.attribution]
        for name in descriptor.training_data:
            # The label maps come from one source and share its notice.
            series = re.sub(r"\d+$", "NN", name) if name.startswith("labelmap_") else name
            assert series in noticed


def test_params_are_those_of_the_network() -> None:
    for descriptor in list_descriptors():
        network = acutance_models.build_network(descriptor.id)
        assert sum(parameter.numel() for parameter in network.parameters()) == descriptor.params


def test_unknown_id_names_the_known_ones() -> None:
    with pytest.raises(UnknownNetworkError, match="iqa_resnet18") as caught:
        get_descriptor("iqa_resnet1")
    assert "iqa_resnet18" in caught.value.known


def test_an_id_given_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "manifest.toml"
    table = MANIFEST.read_text(encoding="utf-8")
    path.write_text(table + table[table.index("[[network]]") :], encoding="utf-8")
    with pytest.raises(WeightsError, match="twice") as caught:
        read_manifest(path)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('sha256 = "', 'sha256 = "zz'),
        ('card = "', 'card = "../'),
        ('id = "', 'name = "'),
        ("[[network]]", "network = 3\n[other]"),
        ("[[network]]", "[[network"),
    ],
    ids=["digest", "folder", "missing field", "not a table", "not TOML"],
)
def test_a_malformed_manifest_is_named(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "manifest.toml"
    text = MANIFEST.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(WeightsError, match="malformed"):
        read_manifest(path)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        read_manifest(tmp_path / "manifest.toml")


def test_public_names_are_there_and_no_others() -> None:
    assert dir(acutance_models) == sorted(acutance_models.__all__)
    assert all(getattr(acutance_models, name) is not None for name in acutance_models.__all__)
    with pytest.raises(AttributeError, match="load_networks"):
        _ = acutance_models.load_networks
