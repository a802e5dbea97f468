"""All 48 axis orders, straight and oblique, through every format that says where sides are."""

from __future__ import annotations

from itertools import permutations, product
from typing import TYPE_CHECKING

import dicom_factory as factory
import nibabel as nib
import nrrd
import numpy as np
import pytest

from acutance.core.affine import PLANES
from acutance.core.slicing import extract_slice, volume_geometry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from acutance.core.ledger import LoadedSeries
    from acutance.core.volume import Volume

    Load = Callable[..., LoadedSeries]

ORDERS = [
    (order, signs) for order in permutations(range(3)) for signs in product((1, -1), repeat=3)
]
SPACING = (2.0, 1.5, 3.0)
SHAPE = (6, 7, 5)


def axes(order: tuple[int, ...], signs: tuple[int, ...], *, oblique: bool) -> NDArray[np.float64]:
    """Return unit axes (RAS) as columns: a signed permutation, turned by 20 degrees or not."""
    matrix = np.zeros((3, 3))
    for axis, (world, sign) in enumerate(zip(order, signs, strict=True)):
        matrix[world, axis] = sign
    if not oblique:
        return matrix
    c, s = np.cos(np.deg2rad(20)), np.sin(np.deg2rad(20))
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ matrix


def expected_edges(
    columns: NDArray[np.float64], plane: str, *, oblique: bool
) -> tuple[str, str, str, str]:
    """Say the four letters from the definition of the radiological views, not from our code.

    The turn is about the R-L axis: A-P edges gain S or I, S-I edges gain A or P.
    """
    left_right = ("R", "L")
    if not oblique:
        vertical = {"axial": ("A", "P"), "coronal": ("S", "I"), "sagittal": ("S", "I")}[plane]
        horizontal = ("A", "P") if plane == "sagittal" else left_right
    else:
        # The patient's A axis of the grid points to (0, cos, sin): mostly A, a little S; its S
        # axis to (0, -sin, cos): mostly S, a little P.
        vertical = {"axial": ("AS", "PI"), "coronal": ("SP", "IA"), "sagittal": ("SP", "IA")}[plane]
        horizontal = ("AS", "PI") if plane == "sagittal" else left_right
    return (*horizontal, *vertical)


def check(volume: Volume, truth: NDArray[np.float64], *, oblique: bool) -> None:
    """Hold letters and cursor of a volume against the true affine of its grid."""
    np.testing.assert_allclose(volume.affine, truth, atol=1e-4)
    index = (1, 4, 2)
    point = (truth @ [*index, 1.0])[:3]
    for plane in PLANES:
        geometry = volume_geometry(volume, plane)
        assert geometry.edges == expected_edges(truth[:3, :3], plane, oblique=oblique)
        row, column = geometry.to_pixel(index)
        back = geometry.to_index(row, column, index[geometry.axis])
        np.testing.assert_allclose((truth @ [*back, 1.0])[:3], point, atol=1e-9)
        picture = extract_slice(volume, geometry, index[geometry.axis])
        assert picture[round(row), round(column)] == volume.array[index]
        # One pixel to the right and one down move the point as the letters say.
        right = np.asarray(geometry.to_index(row, column + 1, index[geometry.axis])) - index
        down = np.asarray(geometry.to_index(row + 1, column, index[geometry.axis])) - index
        for step, edge in ((right, geometry.edges[1]), (down, geometry.edges[3])):
            moved = truth[:3, :3] @ step
            world = int(np.argmax(np.abs(moved)))
            assert edge[0] == ("RAS" if moved[world] > 0 else "LPI")[world]


@pytest.mark.parametrize("oblique", [False, True], ids=["straight", "oblique"])
@pytest.mark.parametrize(("order", "signs"), ORDERS)
def test_nifti(
    tmp_path: Path, load: Load, order: tuple[int, ...], signs: tuple[int, ...], oblique: bool
) -> None:
    truth = np.eye(4)
    truth[:3, :3] = axes(order, signs, oblique=oblique) * SPACING
    truth[:3, 3] = (-11.0, 23.0, 5.0)
    array = factory.ramp(SHAPE)
    nib.save(nib.Nifti1Image(array, truth), tmp_path / "a.nii")
    volume = load(tmp_path / "a.nii").volume
    np.testing.assert_array_equal(volume.array, array)
    check(volume, truth, oblique=oblique)


@pytest.mark.parametrize("oblique", [False, True], ids=["straight", "oblique"])
@pytest.mark.parametrize(("order", "signs"), ORDERS)
def test_dicom(
    tmp_path: Path, load: Load, order: tuple[int, ...], signs: tuple[int, ...], oblique: bool
) -> None:
    columns = axes(order, signs, oblique=oblique)
    lps = np.diag([-1.0, -1.0, 1.0]) @ columns
    # A stack is always read along row x column; a left-handed grid is written from its far end.
    is_right_handed = np.linalg.det(lps) > 0
    array = factory.ramp(SHAPE)
    origin = np.array([-11.0, 23.0, 5.0])
    truth = np.eye(4)
    truth[:3, :3] = columns * SPACING
    truth[:3, 3] = origin
    if not is_right_handed:
        array = array[:, :, ::-1]
        truth = truth @ np.array(
            [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -1, SHAPE[2] - 1], [0, 0, 0, 1.0]]
        )
    start = truth[:3, 3] * [-1, -1, 1]
    factory.write_series(
        tmp_path,
        array,
        orientation=tuple(float(f"{v:.9f}") for v in (*lps[:, 0], *lps[:, 1])),
        spacing=(SPACING[1], SPACING[0]),
        step=SPACING[2],
        origin=(float(start[0]), float(start[1]), float(start[2])),
    )
    volume = load(tmp_path).volume
    np.testing.assert_array_equal(volume.array, array)
    check(volume, truth, oblique=oblique)


@pytest.mark.parametrize("oblique", [False, True], ids=["straight", "oblique"])
@pytest.mark.parametrize(("order", "signs"), ORDERS)
@pytest.mark.parametrize("space", ["right-anterior-superior", "left-posterior-superior"])
def test_nrrd(
    tmp_path: Path,
    load: Load,
    order: tuple[int, ...],
    signs: tuple[int, ...],
    oblique: bool,
    space: str,
) -> None:
    truth = np.eye(4)
    truth[:3, :3] = axes(order, signs, oblique=oblique) * SPACING
    truth[:3, 3] = (-11.0, 23.0, 5.0)
    sides = np.diag([1.0, 1, 1] if space.startswith("right") else [-1.0, -1, 1])
    array = factory.ramp(SHAPE)
    header = {
        "space": space,
        "space directions": (sides @ truth[:3, :3]).T,  # one row per axis
        "space origin": sides @ truth[:3, 3],
    }
    nrrd.write(str(tmp_path / "a.nrrd"), array, header)
    volume = load(tmp_path / "a.nrrd").volume
    np.testing.assert_array_equal(volume.array, array)
    check(volume, truth, oblique=oblique)


@pytest.mark.parametrize("oblique", [False, True], ids=["straight", "oblique"])
@pytest.mark.parametrize(("order", "signs"), ORDERS)
def test_metaimage(
    tmp_path: Path, load: Load, order: tuple[int, ...], signs: tuple[int, ...], oblique: bool
) -> None:
    columns = axes(order, signs, oblique=oblique)
    truth = np.eye(4)
    truth[:3, :3] = columns * SPACING
    truth[:3, 3] = (-11.0, 23.0, 5.0)
    array = factory.ramp(SHAPE)
    lps = np.diag([-1.0, -1.0, 1.0])

    def text(values: NDArray[np.float64]) -> str:
        return " ".join(f"{v:.12g}" for v in np.ravel(values))

    header = [
        "ObjectType = Image",
        "NDims = 3",
        "BinaryData = True",
        f"TransformMatrix = {text((lps @ columns).T)}",  # the direction of one axis after the other
        f"Offset = {text(lps @ truth[:3, 3])}",
        f"ElementSpacing = {text(np.array(SPACING))}",
        f"DimSize = {text(np.array(SHAPE))}",
        "ElementType = MET_SHORT",
        "ElementDataFile = LOCAL",
        "",
    ]
    data = array.astype("<i2").tobytes(order="F")
    (tmp_path / "a.mha").write_bytes("\n".join(header).encode() + data)
    volume = load(tmp_path / "a.mha").volume
    np.testing.assert_array_equal(volume.array, array)
    check(volume, truth, oblique=oblique)
