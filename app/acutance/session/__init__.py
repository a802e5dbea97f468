"""What the user has open; observable, no toolkit."""

from acutance.session.entry import SeriesEntry, SeriesState
from acutance.session.session import Session

__all__ = ["SeriesEntry", "SeriesState", "Session"]
