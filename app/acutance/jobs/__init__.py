"""Jobs, lanes and child processes.

A `Runner` takes work and returns a `Job` at once. Files are read, and engines run, in long-lived
child processes; the death of a child is at most one failed job. Values come back as plain data and
voxels through shared memory, so nothing that a child sends is ever unpickled.
"""
