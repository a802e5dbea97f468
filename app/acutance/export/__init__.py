"""Core values to files."""
