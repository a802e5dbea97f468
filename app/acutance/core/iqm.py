"""What the engine of image quality metrics is asked and what it answers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from acutance.core.label_map import LabelMap
    from acutance.core.volume import Volume

#: Goes up whenever the definition of one of the metrics changes; docs/iqms.md has the list.
DEFINITIONS_VERSION = "1"


@dataclass(frozen=True)
class IqmRequest:
    """Ask for the metrics of a volume that are computed from a formula.

    Parameters
    ----------
    volume : Volume
    reference : Volume, optional
        What the volume is compared with; on the same grid.
    tissues : LabelMap, optional
        A segmentation of the volume, for the metrics that need tissues.
    """

    volume: Volume
    reference: Volume | None = None
    tissues: LabelMap | None = None


@dataclass(frozen=True)
class IqmResult:
    """Metrics by name, and why one has no value.

    Parameters
    ----------
    values : dict of str to float or None
        None where the metric is not defined for this volume.
    reasons : dict of str to str
        One sentence for each metric that is None.
    definitions : dict
        Everything else the numbers depend on: version of the definitions, mask, plane.
    seconds : float
        Time the engine took.
    """

    values: dict[str, float | None]
    reasons: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def to_plain(self) -> dict[str, Any]:
        """Return the result as JSON-ready values, sorted by name."""
        return {
            "values": {name: self.values[name] for name in sorted(self.values)},
            "reasons": {name: self.reasons[name] for name in sorted(self.reasons)},
            "definitions": dict(self.definitions),
            "seconds": self.seconds,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> IqmResult:
        """Rebuild a result from `to_plain`.

        Raises
        ------
        ValueError
            If a metric is neither None nor a finite number.
        """
        values = {str(name): _number(value) for name, value in plain["values"].items()}
        reasons = {str(name): str(reason) for name, reason in plain["reasons"].items()}
        return cls(values, reasons, dict(plain["definitions"]), float(plain["seconds"]))


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"a metric is a finite number, not {value!r}")
    return float(value)
