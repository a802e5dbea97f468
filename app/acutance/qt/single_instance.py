"""One window for each user: a second start hands what it was to open over to the first."""

from __future__ import annotations

import getpass
import hashlib
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

if TYPE_CHECKING:
    from collections.abc import Sequence

_log = logging.getLogger(__name__)
#: How long a second start waits for the first to take what it hands over, in ms.
_WAIT_MS = 1000
#: A message is a list of paths; anything longer is none.
_LONGEST = 1_000_000
_TAKEN = b"taken\n"


def door_name() -> str:
    """Return the name under which the window of this user can be reached."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = str(Path.home())
    home = hashlib.sha256(f"{user}\0{Path.home()}".encode()).hexdigest()[:16]
    return f"acutance-{home}"


def hand_over(paths: Sequence[Path], name: str | None = None) -> bool:
    """Let the window that is open already open paths, and come to the front.

    Returns
    -------
    bool
        Whether there is one and it took them; False where this start is to open its own.
    """
    socket = QLocalSocket()
    socket.connectToServer(name or door_name())
    if not socket.waitForConnected(_WAIT_MS):
        return False
    message = json.dumps([str(path.absolute()) for path in paths]).encode() + b"\n"
    socket.write(message)
    socket.waitForBytesWritten(_WAIT_MS)
    answer = b""
    while not answer.endswith(b"\n"):
        if not socket.bytesAvailable() and not socket.waitForReadyRead(_WAIT_MS):
            break
        answer += bytes(socket.readAll().data())
    socket.disconnectFromServer()
    return answer == _TAKEN


class Door(QObject):
    """Hears what later starts of the program hand over; only the same user can reach it.

    Nothing is read from what comes but paths, which are opened as if they were dropped.

    Parameters
    ----------
    name : str or None
        By default that of the user.

    Signals
    -------
    paths_handed : list of Path
        May be empty: the program was only started again.
    """

    paths_handed = Signal(object)

    def __init__(self, name: str | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name or door_name()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def open(self) -> bool:
        """Begin to listen; False where that cannot be: every start then has a window of its own."""
        if self._server.listen(self._name):
            return True
        # What a start that was killed left behind: nobody answered there, or it had been used.
        QLocalServer.removeServer(self._name)
        if self._server.listen(self._name):
            return True
        _log.info("a second start cannot be heard: %s", self._server.errorString())
        return False

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(lambda socket=socket: self._on_ready(socket))
            if socket.bytesAvailable():
                self._on_ready(socket)

    def _on_ready(self, socket: QLocalSocket) -> None:
        if socket.bytesAvailable() > _LONGEST:
            socket.abort()
            return
        if not socket.canReadLine():
            return
        paths = _paths_of(bytes(socket.readLine().data()))
        if paths is None:
            socket.abort()
            return
        socket.write(_TAKEN)
        socket.flush()
        self.paths_handed.emit(paths)


def _paths_of(line: bytes) -> list[Path] | None:
    """Return the paths of a message; None where it is none."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, list) or not all(isinstance(p, str) and "\0" not in p for p in said):
        return None
    return [Path(p) for p in said]
