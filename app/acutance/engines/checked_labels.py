"""Which backend labels a volume: one whose labels agree with the reference's, here too.

A trial on made-up slices says which backend is fast and within the tolerance with these weights.
Whether it is on what somebody wants labelled, some slices of that volume say: they are labelled by
the reference as well, and where the two disagree, a backend in float32 labels all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from acutance.core.backends import AUTO, LEAST_DICE, REFERENCE, precision_of
from acutance.engines.backends.tasks import least_dice

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from acutance.engines.backends.base import ActiveBackend
    from acutance.engines.backends.choice import Backends

#: Volumes of so many slices are worth the time of a trial, where none was made.
WORTH_A_TRIAL = 64
#: One in so many slices is labelled by the reference as well; at least one, at most so many.
CHECKED_SHARE, MOST_CHECKED = 48, 4


@dataclass(frozen=True, eq=False)
class Labelling:
    """What labels a volume, and what is known of how well it agrees with the reference.

    Parameters
    ----------
    active : ActiveBackend
    checked : int
        So many slices of the volume were labelled by the reference as well.
    dice : float
        On these, the least Dice coefficient of a label that is not rare; 1 where none was checked.
    """

    active: ActiveBackend
    checked: int = 0
    dice: float = 1.0

    def told(self) -> dict[str, Any]:
        """Return what provenance tells."""
        name = self.active.name
        told: dict[str, Any] = {"backend": name, "precision": precision_of(name)}
        if self.checked:
            told |= {"backend_dice": round(self.dice, 5), "backend_checked_slices": self.checked}
        return told | ({"backend_note": self.active.note} if self.active.note else {})


def chosen(
    backends: Backends, asked: str, count: int, on_step: Callable[[float], None]
) -> Labelling:
    """Return what is to label a volume when `asked` is wanted; not checked on it yet.

    Parameters
    ----------
    backends : Backends
        Of the network.
    asked : str
        One of `acutance.core.backends.LABEL_CHOICES`.
    count : int
        Slices of the volume.
    on_step : callable
        Told how far a measurement is, in [0, 1]; may raise to end it.
    """
    if asked == AUTO and count >= WORTH_A_TRIAL and backends.kept() is None:
        backends.try_all(on_step)
    return Labelling(backends.active(asked, on_step))


def checked_slices(count: int) -> list[int]:
    """Return the slices of a volume on which a backend is checked, spread evenly."""
    number = min(MOST_CHECKED, max(1, count // CHECKED_SHARE))
    return [(2 * n + 1) * count // (2 * number) for n in range(number)]


def checked(
    labelling: Labelling,
    backends: Backends,
    asked: str,
    slices: Tensor,
    probabilities: Callable[[ActiveBackend, Tensor], Tensor],
) -> Labelling:
    """Hold a backend against the reference on slices of the volume.

    A backend that was asked for by name stays, and a note says how well it agrees.

    Parameters
    ----------
    labelling : Labelling
    backends : Backends
    asked : str
    slices : Tensor, shape (N, C, H, W), N >= 1
    probabilities : callable
        Gives those of the classes, (N, K, H, W), by a backend.

    Raises
    ------
    BackendUnavailableError
        If the backend fails.
    """
    active, reference = labelling.active, backends.reference
    found = probabilities(active, slices)
    dice = least_dice(probabilities(reference, slices).argmax(1), found.argmax(1))
    if dice >= LEAST_DICE:
        return Labelling(active, len(slices), dice)
    note = f"labels of {active.name} agree with those of {REFERENCE} to Dice {dice:.4f} only"
    if asked != AUTO:
        return Labelling(replace(active, note=note), len(slices), dice)
    trial = backends.kept()
    name = REFERENCE if trial is None else trial.chosen_exact
    exact = reference if name == active.name else backends.active(name, lambda fraction: None)
    return Labelling(replace(exact, note=note), len(slices), dice)
