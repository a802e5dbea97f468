"""Regression of structural similarity from one slice, without a reference."""
