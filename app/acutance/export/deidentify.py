"""Export files without the identity of patients: each one cleaned, written, verified, accounted.

What cannot be cleaned with certainty is set aside with the reason. Files appear in the output
folder when all are done; until then they lie in a folder of their own inside it.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

from acutance.core.deidentification import (
    DeidentificationRequest,
    DeidentificationResult,
    ExportedFile,
)
from acutance.core.foreign import is_dicom
from acutance.core.ledger import SetAside
from acutance.errors import ExportError
from acutance.export import deidentify_dicom, deidentify_nifti, verification
from acutance.export._dicom import RefusedError
from acutance.export.confidentiality import Profile
from acutance.export.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_HEAD_BYTES = 4096
#: zip, 7-zip, RAR, bzip2, xz, zstd, and gzip of what is no NIfTI: scans may be inside.
_ARCHIVES = (b"PK\x03\x04", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"(\xb5/\xfd", b"\x1f\x8b")


class Progress(Protocol):
    """Hears how far the export is."""

    def report(self, fraction: float, message: str) -> None:
        """Take a fraction in [0, 1] and one short line."""


class CancelToken(Protocol):
    """Tells the export that nobody waits for it any more."""

    def raise_if_cancelled(self) -> None:
        """Raise `acutance.errors.JobCancelled` when cancel was asked for."""


def deidentify_files(
    request: DeidentificationRequest,
    files: Sequence[Path],
    set_aside: Iterable[SetAside],
    progress: Progress,
    token: CancelToken,
) -> DeidentificationResult:
    """Export files; the request's own paths are for whoever found the files.

    Parameters
    ----------
    request : DeidentificationRequest
    files : sequence of Path
        Regular files.
    set_aside : iterable of SetAside
        What was found beside them.
    progress : Progress
    token : CancelToken

    Raises
    ------
    ExportError
        If the output folder is not empty, lies among the inputs, or cannot be written.
    JobCancelled
        If the token says so; nothing is left in the output folder then.
    """
    started = time.monotonic()
    request.clear()
    _check_output(request.output, files)
    work = _Export(request, progress, token)
    is_new = not request.output.exists()
    try:
        request.staging.mkdir(parents=True)
        for number, file in enumerate(files):
            work.take(file, number / len(files), 1 / len(files))
        token.raise_if_cancelled()
        _publish(request)
    except OSError as error:
        raise ExportError(
            f"The export could not be written: {error.strerror or error}.",
            remedy="Choose a folder with room that you may write to.",
            path=request.output,
        ) from error
    finally:
        request.clear()
        if is_new:
            with suppress(OSError):  # not empty: the export succeeded
                request.output.rmdir()
    progress.report(1.0, "Exported")
    return DeidentificationResult(
        str(request.output),
        tuple(work.exported),
        (*set_aside, *work.set_aside),
        work.refused,
        request.options,
        request.allows_burned_in,
        round(time.monotonic() - started, 3),
    )


def _check_output(output: Path, files: Sequence[Path]) -> None:
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise ExportError(
            "A new or empty folder was expected for the export.",
            remedy="Choose another folder, so that nothing else lies among the exported files.",
            path=output,
        )
    target = output.resolve()
    parents = {parent for file in files for parent in file.resolve().parents}
    if any(target == parent for parent in parents) or target in {f.resolve() for f in files}:
        raise ExportError(
            "The output folder holds files that are to be exported.",
            remedy="Choose another folder.",
            path=output,
        )


@contextmanager
def _removing(draft: Path) -> Iterator[None]:
    """Leave no draft behind, whatever happens."""
    try:
        yield
    finally:
        draft.unlink(missing_ok=True)


def _publish(request: DeidentificationRequest) -> None:
    """Move the finished folders to where the user looks for them."""
    for folder in sorted(request.staging.iterdir()):
        os.replace(folder, request.output / folder.name)


class _Export:
    """Takes one file after the other."""

    def __init__(
        self, request: DeidentificationRequest, progress: Progress, token: CancelToken
    ) -> None:
        self._request = request
        self._progress = progress
        self._token = token
        self._profile = Profile(request.options)
        self._pseudonyms = Pseudonyms(request.key)
        self._series: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self.exported: list[ExportedFile] = []
        self.set_aside: list[SetAside] = []
        self.refused = 0

    def take(self, file: Path, begin: float, share: float) -> None:
        """Export a file or set it aside.

        Raises
        ------
        OSError
            If the output cannot be written.
        """
        self._check(begin)
        try:
            with file.open("rb") as stream:
                head = stream.read(_HEAD_BYTES)
        except OSError as error:
            self._refuse(file, f"cannot be read ({error.strerror})")
            return
        try:
            if is_dicom(head):
                self._take_dicom(file, begin, share)
            elif deidentify_nifti.is_nifti(head):
                self._take_nifti(file, head, begin, share)
            else:
                self._set_aside_other(file, head)
        except RefusedError as refusal:
            self._refuse(file, str(refusal))
        except MemoryError:
            self._refuse(file, "it needs more memory than there is")

    def _set_aside_other(self, file: Path, head: bytes) -> None:
        if head.startswith(_ARCHIVES):
            self._refuse(file, "it is an archive; unpack it first")
        else:
            self.set_aside.append(SetAside(str(file), "it is neither DICOM nor NIfTI"))

    def _refuse(self, file: Path, reason: str) -> None:
        self.refused += 1
        self.set_aside.append(SetAside(str(file), reason))

    def _check(self, fraction: float) -> None:
        """Tell how far it is; raise where nobody waits any more."""
        self._token.raise_if_cancelled()
        count = len(self.exported) + len(self.set_aside) + 1
        self._progress.report(fraction, f"De-identifying file {count}")

    def _take_dicom(self, file: Path, begin: float, share: float) -> None:
        draft = self._request.staging / "draft.dcm"
        with _removing(draft):
            written = deidentify_dicom.write_deidentified(
                file,
                draft,
                self._profile,
                self._pseudonyms,
                lambda part: self._check(begin + share * part / 2),
                allows_burned_in=self._request.allows_burned_in,
            )
            verification.verify_dicom(
                draft,
                written,
                self._profile,
                lambda part: self._check(begin + share * (1 + part) / 2),
            )
            name = self._name(written.series_uid, "IMG", ".dcm")
            self._place(draft, name)
        self.exported.append(ExportedFile(str(file), name, written.warnings))

    def _take_nifti(self, file: Path, head: bytes, begin: float, share: float) -> None:
        suffix = ".nii.gz" if deidentify_nifti.is_gzip(head) else ".nii"
        draft = self._request.staging / f"draft{suffix}"
        with _removing(draft):
            removed = deidentify_nifti.write_deidentified(
                file, draft, lambda part: self._check(begin + share * part / 3)
            )
            deidentify_nifti.verify(
                file, draft, removed, lambda part: self._check(begin + share * (1 + part) / 3)
            )
            name = self._name(f"nifti {len(self.exported)}", "VOL", suffix)
            self._place(draft, name)
        self.exported.append(ExportedFile(str(file), name))

    def _place(self, draft: Path, name: str) -> None:
        target = self._request.staging / name
        target.parent.mkdir(exist_ok=True)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(draft, target)

    def _name(self, series: str, stem: str, suffix: str) -> str:
        """Return a name that says nothing: the series' number and the file's own."""
        number = self._series.setdefault(series, len(self._series) + 1)
        self._counts[series] = self._counts.get(series, 0) + 1
        return f"series-{number:03d}/{stem}-{self._counts[series]:06d}{suffix}"
