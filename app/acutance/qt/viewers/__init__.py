"""Widgets that draw images."""

from acutance.qt.viewers.histogram_view import HistogramView
from acutance.qt.viewers.linked_grid import LinkedGrid
from acutance.qt.viewers.score_strip import ScoreStrip
from acutance.qt.viewers.slice_view import SliceView

__all__ = ["HistogramView", "LinkedGrid", "ScoreStrip", "SliceView"]
