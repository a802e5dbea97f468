"""Listening to the session from widgets, which may be deleted before it."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from shiboken6 import isValid

if TYPE_CHECKING:
    from collections.abc import Callable

    from psygnal import SignalInstance
    from PySide6.QtCore import QObject


def listen(receiver: QObject, signal: SignalInstance, method: Callable[..., None]) -> None:
    """Call a bound method of `receiver` on each emission until Qt deletes the receiver.

    The session keeps neither the widget nor its Python wrapper alive, and a wrapper whose Qt
    object is gone is never called.
    """
    reference = weakref.WeakMethod(method)
    owner = weakref.ref(receiver)

    def relay(*arguments: Any) -> None:
        target = reference()
        if target is not None and isValid(owner()):
            target(*arguments)

    signal.connect(relay)
    receiver.destroyed.connect(lambda: signal.disconnect(relay, missing_ok=True))
