"""Files to core values; `acutance.io.readers` is the door."""
