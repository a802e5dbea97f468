"""What the user has open; observable, no toolkit."""

from acutance.session.session import SeriesEntry, SeriesState, Session

__all__ = ["SeriesEntry", "SeriesState", "Session"]
