"""Single words of the layers below that the window shows, named here for Qt Linguist."""

from __future__ import annotations

from acutance.qt.language import mark

WORDS = (
    *(mark("axial"), mark("coronal"), mark("sagittal")),
    *(mark("radiological"), mark("neurological"), mark("left"), mark("right")),
    *(mark("scroll"), mark("zoom"), mark("pan"), mark("time")),
    *(mark("brush"), mark("fill"), mark("eraser"), mark("distance"), mark("angle")),
    *(mark("ellipse"), mark("rectangle"), mark("magnifier")),
    *(mark("sigmoid"), mark("table"), mark("assumed")),
    *(mark("built-in"), mark("site file"), mark("yours"), mark("this session")),
)
