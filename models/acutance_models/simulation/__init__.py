"""Motion, ghosting and contrast as pure functions: the draws come in as values.

Each corruption is a function of an image and a frozen *draw*; ``draw_*`` functions make draws
from a generator. Training, tests and the bundled sample share them.
"""
