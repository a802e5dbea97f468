"""Valid files made wrong at random, by seed: what a reader must bear without an end of its own."""
