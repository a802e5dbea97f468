"""The durable batch: a folder in, a folder of results out, whatever happens in between.

`settings.BatchSettings` says what is wanted, `run.Batch` plans and runs it, `tables.iter_results`
and `tables.iter_ledger` read what came of it. Nothing here knows a toolkit: the command line and
the window share it.
"""
