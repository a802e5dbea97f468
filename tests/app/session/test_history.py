"""What can be undone, in which order, and in how much memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from acutance.session.history import History


@dataclass(eq=False)
class Step:
    name: str
    log: list[str] = field(default_factory=list)
    series: int = 1
    kind: str = "labels"
    n_bytes: int = 10

    def undo(self) -> None:
        self.log.append(f"-{self.name}")

    def redo(self) -> None:
        self.log.append(f"+{self.name}")

    def reveal(self) -> None:
        self.log.append("shown")


def test_changes_come_back_newest_first_and_by_name() -> None:
    history, log = History(), []
    for name in "abc":
        history.push(Step(name, log))
    assert history.names == ("a", "b", "c")
    assert history.undo().name == "c"
    assert (history.undo_name, history.redo_name) == ("b", "c")
    history.undo()
    history.redo()
    assert log == ["-c", "-b", "+b"]
    history.push(Step("d", log))
    assert history.redo() is None
    assert history.names == ("a", "b", "d")


def test_nothing_to_undo_is_no_fault() -> None:
    history = History()
    assert history.undo() is None
    assert history.redo() is None
    assert history.undo_name == history.redo_name == ""


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 60), max_size=30))
def test_memory_is_bounded_and_the_newest_stays(sizes: list[int]) -> None:
    history = History(limit_bytes=100)
    for n, size in enumerate(sizes):
        history.push(Step(str(n), n_bytes=size))
        assert history.n_bytes <= 100
        assert history.undo_name == str(n)
        kept = len(history.names)
        assert kept == n + 1 or sum(sizes[n - kept : n + 1]) > 100


def test_one_change_larger_than_the_bound_can_still_be_undone() -> None:
    history = History(limit_bytes=100)
    history.push(Step("small"))
    history.push(Step("large", n_bytes=1000))
    assert history.names == ("large",)


def test_a_closed_series_takes_its_changes_along() -> None:
    history = History()
    history.push(Step("a", series=1))
    history.push(Step("b", series=2, kind="measurements"))
    history.push(Step("c", series=2))
    history.undo()
    history.forget(2, "labels")
    assert (history.names, history.redo_name) == (("a", "b"), "")
    history.forget(2)
    assert history.names == ("a",)


def test_what_goes_on_is_told_to_settle_before_an_undo() -> None:
    history = History()
    history.settling.connect(lambda: history.push(Step("late")))
    history.push(Step("early"))
    assert history.undo().name == "late"
