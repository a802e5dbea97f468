"""Side panels."""
