"""`acutance.core.runs`: stretches of slices below a threshold, in words."""

from acutance.core.quality import SliceScore
from acutance.core.runs import low_runs, runs_text


def scores(values: dict[int, float | None], plane: str = "axial") -> list[SliceScore]:
    return [SliceScore(plane, index, value) for index, value in values.items()]


def test_neighbours_below_the_threshold_form_one_stretch_with_its_worst_slice() -> None:
    values = dict.fromkeys(range(30, 70), 0.9) | dict.fromkeys(range(41, 59), 0.7) | {47: 0.4}
    (run,) = low_runs(scores(values), 0.85)
    assert (run.first, run.last, run.worst, run.count) == (41, 58, 47, 18)
    assert runs_text((run,), names_plane=False) == (
        "low predicted SSIM, slices 41\N{EN DASH}58, worst 47"
    )


def test_a_good_a_blank_and_a_missing_slice_end_a_stretch() -> None:
    values = {3: 0.5, 4: 0.5, 5: 0.85, 6: 0.5, 7: None, 8: 0.5, 10: 0.5}
    spans = sorted((run.first, run.last) for run in low_runs(scores(values), 0.85))
    assert spans == [(3, 4), (6, 6), (8, 8), (10, 10)]


def test_the_stretch_with_the_worst_slice_comes_first_and_the_rest_is_counted() -> None:
    values = {1: 0.8, 2: 0.8, 5: 0.2, 8: 0.5, 9: 0.6, 12: 0.7}
    text = runs_text(low_runs(scores(values), 0.85), names_plane=True)
    assert text == (
        "low predicted SSIM, axial slice 5; axial slices 8\N{EN DASH}9, worst 8; and 3 more slices"
    )


def test_planes_are_never_joined() -> None:
    runs = low_runs(scores({4: 0.5, 5: 0.5}) + scores({6: 0.3}, "coronal"), 0.85)
    assert [(run.plane, run.first, run.last) for run in runs] == [
        ("coronal", 6, 6),
        ("axial", 4, 5),
    ]


def test_without_a_low_slice_there_is_nothing_to_say() -> None:
    assert low_runs(scores({1: 0.9, 2: None}), 0.85) == ()
    assert runs_text((), names_plane=True) == ""
