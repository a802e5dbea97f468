"""Restoration moved between least error and natural appearance by Gaussian transport."""

from acutance_models.ot_restore.gaussian import squared_w2, transport_operator

__all__ = ["squared_w2", "transport_operator"]
