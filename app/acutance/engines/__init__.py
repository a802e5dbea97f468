"""One task each; the only package that imports torch."""
