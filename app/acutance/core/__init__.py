"""Values and geometry: numpy and the standard library only."""
