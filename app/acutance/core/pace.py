"""How much longer a piece of work takes, from how far it is and how long it was at work."""

from __future__ import annotations

import math

#: Below these nothing is said: the first steps of a job, which loads weights, tell little.
LEAST_FRACTION, LEAST_SECONDS = 0.02, 0.5


class Pace:
    """The time at work of one job; rests do not count.

    Times are those of one monotonic clock, in seconds.

    Parameters
    ----------
    now : float
        When it began.
    """

    def __init__(self, now: float) -> None:
        self._worked = 0.0
        self._since: float | None = now

    def rest(self, now: float) -> None:
        """Stop the clock; while it stands this does nothing."""
        if self._since is not None:
            self._worked += max(0.0, now - self._since)
            self._since = None

    def go_on(self, now: float) -> None:
        """Let the clock run; while it runs this does nothing."""
        if self._since is None:
            self._since = now

    def worked(self, now: float) -> float:
        """Return the time at work so far."""
        return self._worked + (0.0 if self._since is None else max(0.0, now - self._since))

    def left(self, fraction: float, now: float) -> float | None:
        """Return the time that is left if the rest goes as fast; None where too little is known.

        Parameters
        ----------
        fraction : float
            How far the job is, in [0, 1].
        """
        worked = self.worked(now)
        if not LEAST_FRACTION <= fraction <= 1.0 or worked < LEAST_SECONDS:
            return None
        return worked * (1.0 - fraction) / fraction


def time_words(seconds: float) -> str:
    """Return a time in the words of an estimate: no more exact than it is."""
    if seconds < 60.0:
        return f"{max(1, math.ceil(seconds))} s"
    if seconds < 3600.0:
        return f"{math.ceil(seconds / 60.0)} min"
    return f"{seconds / 3600.0:.1f} h"
