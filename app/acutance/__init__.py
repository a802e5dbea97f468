"""Acutance: image quality of medical and scientific scans. Not for diagnosis."""

__version__ = "0.1.0"
NOT_FOR_DIAGNOSIS = "Not for diagnosis"
