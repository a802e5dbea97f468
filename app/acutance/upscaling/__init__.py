"""A clip at more pixels: read, enlarge, write, chunk by chunk, and go on after an interruption."""
