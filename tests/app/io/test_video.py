"""Video files: every frame reached by a seek is the frame that comes in a row."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import video_factory as factory

from acutance.core.ledger import LoadedVideo
from acutance.errors import CorruptFileError, JobCancelled, ReadError
from acutance.io import video
from acutance.io.readers import index_paths, read_frames, read_item
from acutance.io.video_frames import FrameReader
from acutance.io.video_picture import turn_of
from acutance.io.video_signature import demuxer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from acutance.core.ledger import Index

    Open = Callable[[Path], LoadedVideo]
    Frames = Callable[..., NDArray[Any]]


av = factory.av
_DEFAULT = Path(__file__).resolve().parents[3].parent / "shared" / "data"
DATA = Path(os.environ.get("ACUTANCE_TEST_DATA", _DEFAULT))


@pytest.fixture(autouse=True)
def _closed_files() -> Iterator[None]:
    yield
    video.open_readers.close()


@pytest.fixture
def open_video(index: Callable[..., Index], silent: Any) -> Open:
    def run(path: Path) -> LoadedVideo:
        found = index(path)
        assert len(found.items) == 1, found.set_aside
        loaded = read_item(found.items[0], lambda s, d: np.empty(s, d), silent, silent)
        assert isinstance(loaded, LoadedVideo)
        assert (loaded.ledger.found, loaded.ledger.used) == (1, 1)
        return loaded

    return run


@pytest.fixture
def frames(silent: Any) -> Frames:
    def run(loaded: LoadedVideo, start: int = 0, count: int | None = None) -> NDArray[Any]:
        wanted = loaded.video.count - start if count is None else count
        part = read_frames(loaded.item, start, wanted, lambda s, d: np.empty(s, d), silent, silent)
        np.testing.assert_array_equal(part.times, loaded.video.times[start : start + wanted])
        return part.array

    return run


def _reason(index: Callable[..., Index], path: Path) -> str:
    found = index(path)
    assert not found.items
    assert [s.file for s in found.set_aside] == [str(path)]
    return found.set_aside[0].reason


_CLIPS: dict[str, dict[str, Any]] = {
    "b_frames.mp4": {"codec": "mpeg4", "b_frames": 2},
    "b_frames.avi": {"codec": "mpeg4", "b_frames": 2},
    "b_frames.mkv": {"codec": "mpeg4", "b_frames": 2},
    "open_gop.mp4": {
        "codec": "libx264",
        "b_frames": 3,
        "options": {"x264-params": "open-gop=1:keyint=8:min-keyint=8:scenecut=0:bframes=3"},
    },
    "open_gop.mkv": {
        "codec": "libx264",
        "b_frames": 3,
        "options": {"x264-params": "open-gop=1:keyint=8:min-keyint=8:scenecut=0:bframes=3"},
    },
    "pyramid.mp4": {
        "codec": "libx265",
        "options": {"x265-params": "keyint=8:bframes=4:log-level=none"},
    },
    "altref.webm": {"codec": "libvpx", "options": {"auto-alt-ref": "1", "lag-in-frames": "8"}},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"lag-in-frames": "8", "cpu-used": "8"}},
    "open_gop.ts": {"codec": "mpeg2video", "b_frames": 2},
    "open_gop.mpg": {"codec": "mpeg2video", "b_frames": 2},
    "flash.flv": {"codec": "flv"},
    "lossless.mkv": {"codec": "ffv1", "pix_fmt": "bgr0"},
    "windows.wmv": {"codec": "wmv2"},
    "plain.y4m": {"codec": "wrapped_avframe"},
    "variable.mkv": {
        "codec": "mpeg4",
        "stamps": [n * 40 + (n % 5) * 7 for n in range(24)],
    },
    "variable.mp4": {
        "codec": "libx264",
        "b_frames": 3,
        "stamps": [0, 5, 100, 101, 400, *range(1000, 1019)],
    },
}


@pytest.mark.parametrize("name", _CLIPS)
def test_frames_reached_by_seeking_are_those_in_a_row(
    name: str, tmp_path: Path, open_video: Open, frames: Frames
) -> None:
    settings = _CLIPS[name]
    try:
        av.codec.Codec(settings["codec"], "w")
    except av.codec.codec.UnknownCodecError:
        pytest.skip(f"no encoder {settings['codec']}")
    path = factory.encode(tmp_path / name, factory.moving(), **settings)
    loaded = open_video(path)
    expected = np.stack(factory.sequential(path))
    assert loaded.video.shape == expected.shape
    assert loaded.warnings == ()
    order = [23, 0, 12, 11, 10, 13, 7, 8, 9, 22, 1, 16, 15, 17]
    for start in order:
        count = 1 + start % 3
        np.testing.assert_array_equal(frames(loaded, start, count), expected[start:][:count])
    if stamps := settings.get("stamps"):
        np.testing.assert_allclose(loaded.video.times, np.array(stamps) / 1000, atol=1e-9)
        assert loaded.video.facts["variable_frame_rate"] is True
    else:
        assert loaded.video.frame_rate == pytest.approx(25, abs=0.05)
        assert "variable_frame_rate" not in loaded.video.facts


def test_frames_in_a_row_are_decoded_once(
    tmp_path: Path, open_video: Open, frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = open_video(factory.encode(tmp_path / "a.mp4", factory.moving(), b_frames=2))
    begun: list[int] = []
    begin = FrameReader._go_to
    monkeypatch.setattr(FrameReader, "_go_to", lambda self, n: (begun.append(n), begin(self, n))[1])
    for start in range(0, 24, 4):
        frames(loaded, start, 4)
    assert begun == [0]


def test_lossless_colours_come_as_they_were(
    tmp_path: Path, open_video: Open, frames: Frames
) -> None:
    pixels = factory.moving(3)
    path = factory.encode(tmp_path / "a.mkv", pixels, codec="ffv1", pix_fmt="bgr0")
    np.testing.assert_array_equal(frames(open_video(path)), pixels)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_grey_keeps_its_depth(bits: int, tmp_path: Path, open_video: Open, frames: Frames) -> None:
    form = "gray" if bits == 8 else f"gray{bits}le"
    dtype = np.uint8 if bits == 8 else np.uint16
    pixels = np.random.default_rng(0).integers(0, 2**bits, (3, 18, 22)).astype(dtype)
    path = factory.encode(
        tmp_path / "a.mkv", pixels, codec="ffv1", pix_fmt=form, source=form,
        options={"level": "3", "strict": "experimental"},
    )  # fmt: skip
    loaded = open_video(path)
    assert (loaded.video.channels, loaded.video.dtype) == (1, dtype)
    assert loaded.video.facts["bits"] == bits
    np.testing.assert_array_equal(frames(loaded)[..., 0], pixels)


def test_ten_bits_of_colour_become_sixteen(
    tmp_path: Path, open_video: Open, frames: Frames
) -> None:
    pixels = factory.moving(3).astype(np.uint16) * 257
    path = factory.encode(
        tmp_path / "a.mkv", pixels, codec="ffv1", pix_fmt="gbrp10le", source="rgb48le"
    )
    loaded = open_video(path)
    assert loaded.video.dtype == np.uint16
    assert loaded.video.facts["bits"] == 10
    assert any("10 bits" in note for note in loaded.notes)
    difference = frames(loaded).astype(int) - pixels
    assert np.abs(difference).max() <= 2**16 / 2**10 + 1  # one step of ten bits


def test_transparency_is_dropped_and_said(tmp_path: Path, open_video: Open, frames: Frames) -> None:
    pixels = np.concatenate([factory.moving(2), np.full((2, 48, 64, 1), 9, np.uint8)], axis=3)
    path = factory.encode(tmp_path / "a.mov", pixels, codec="png", pix_fmt="rgba", source="rgba")
    loaded = open_video(path)
    assert "transparency dropped" in loaded.notes
    np.testing.assert_array_equal(frames(loaded), pixels[..., :3])


@pytest.mark.parametrize(("rows", "columns"), [(33, 47), (16, 16), (16, 4096), (1, 1)])
def test_odd_sizes(
    rows: int, columns: int, tmp_path: Path, open_video: Open, frames: Frames
) -> None:
    pixels = np.arange(rows * columns * 3, dtype=np.uint32).astype(np.uint8)
    pixels = pixels.reshape(1, rows, columns, 3)
    path = factory.encode(tmp_path / "a.mkv", pixels, codec="ffv1", pix_fmt="bgr0")
    loaded = open_video(path)
    assert loaded.video.shape == (1, rows, columns, 3)
    np.testing.assert_array_equal(frames(loaded), pixels)


def test_pixels_that_are_not_square_are_noted(tmp_path: Path, open_video: Open) -> None:
    path = tmp_path / "a.y4m"
    frame = b"FRAME\n" + bytes(16 * 16 * 3 // 2)
    path.write_bytes(b"YUV4MPEG2 W16 H16 F25:1 Ip A8:9 C420jpeg\n" + frame)
    loaded = open_video(path)
    assert loaded.video.facts["pixel_aspect"] == pytest.approx(8 / 9)
    assert any("8:9" in note for note in loaded.notes)


@pytest.mark.parametrize("degrees", [90, -90, 180])
def test_rotation_is_applied(
    degrees: int, tmp_path: Path, open_video: Open, frames: Frames
) -> None:
    pixels = factory.moving(2)
    path = factory.encode(
        tmp_path / "a.mov", pixels, codec="png", pix_fmt="rgb24", rotation=degrees
    )
    loaded = open_video(path)
    expected = np.rot90(pixels, degrees // 90, axes=(1, 2))  # np.rot90 turns anti-clockwise
    assert loaded.video.shape == expected.shape
    assert loaded.video.facts["rotation_deg"] in (degrees, -180)
    np.testing.assert_array_equal(frames(loaded), expected)


def test_mirrors_and_odd_angles_of_the_display_matrix() -> None:
    one = 1 << 16
    assert turn_of(None) == (False, False, False)
    assert turn_of((-one, 0, 0, 0, one, 0, 0, 0, 1 << 30)) == (False, False, True)
    assert turn_of((0, one, 0, one, 0, 0, 0, 0, 1 << 30)) == (True, False, False)
    assert turn_of((one, one, 0, -one, one, 0, 0, 0, 1 << 30)) is None


def test_other_streams_are_noted_and_no_tags_are_kept(tmp_path: Path, open_video: Open) -> None:
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        container.metadata.update({"artist": "SECRET", "location": "SECRET"})
        streams = []
        for size in (32, 64):
            stream = container.add_stream("ffv1", rate=25)
            stream.width = stream.height = size
            stream.pix_fmt = "gray"
            stream.metadata["title"] = "SECRET"
            streams.append(stream)
        audio = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        for stream in streams:
            grey = np.full((stream.height, stream.width), stream.width, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, "gray")))
            container.mux(stream.encode(None))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 64), np.int16), "s16", "mono")
        silence.sample_rate, silence.pts = 8000, 0
        container.mux(audio.encode(silence))
    loaded = open_video(path)
    assert loaded.video.width == 64
    assert any("32 x 32" in note for note in loaded.notes)
    assert any("1 sound track" in note for note in loaded.notes)
    assert "SECRET" not in repr(loaded)


def test_repeated_times_are_named_and_spread(
    tmp_path: Path, open_video: Open, frames: Frames
) -> None:
    pixels = factory.moving(5)
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.height, stream.width = pixels.shape[1:3]
        stream.pix_fmt = "bgr0"
        packets = []
        for number, one in enumerate(pixels):
            frame = av.VideoFrame.from_ndarray(one, "rgb24")
            frame.pts = number
            packets += stream.encode(frame)
        packets += stream.encode(None)
        for packet, stamp in zip(packets, [0, 40, 40, 40, 160], strict=True):
            packet.pts = packet.dts = stamp
            packet.time_base = Fraction(1, 1000)
            container.mux(packet)
    loaded = open_video(path)
    assert [w.name for w in loaded.warnings] == ["repeated_timestamps"]
    steps = np.diff(loaded.video.times)
    assert (steps > 0).all()
    np.testing.assert_allclose(steps, 0.04, atol=1e-6)
    for start in (3, 1, 4, 0, 2):
        np.testing.assert_array_equal(frames(loaded, start, 1), pixels[start : start + 1])


def test_without_any_time_a_rate_is_assumed_and_said(tmp_path: Path, open_video: Open) -> None:
    path = tmp_path / "a.y4m"
    frame = b"FRAME\n" + bytes(16 * 16 * 3 // 2)
    path.write_bytes(b"YUV4MPEG2 W16 H16 F0:0 Ip A1:1 C420jpeg\n" + frame * 3)
    loaded = open_video(path)
    assert loaded.video.count == 3
    assert loaded.video.frame_rate == pytest.approx(25)


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_cut_file_with_its_index_is_shown_and_counted(
    share: float, tmp_path: Path, open_video: Open, frames: Frames
) -> None:
    path = factory.encode(tmp_path / "a.mov", factory.moving(), codec="mjpeg", pix_fmt="yuvj420p")
    with (
        av.open(str(path)) as source,
        av.open(str(tmp_path / "b.mov"), "w", options={"movflags": "faststart"}) as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    data = (tmp_path / "b.mov").read_bytes()
    cut = tmp_path / "cut.mov"
    cut.write_bytes(data[: int(share * len(data))])
    loaded = open_video(cut)
    assert [w.name for w in loaded.warnings] == ["damaged_frames"]
    assert 0 < loaded.video.count < 24
    assert " of 24 " in loaded.warnings[0].message
    frames(loaded)


def test_a_cut_matroska_is_shown_and_counted(
    tmp_path: Path, open_video: Open, frames: Frames
) -> None:
    path = factory.encode(tmp_path / "a.mkv", factory.moving(), codec="ffv1", pix_fmt="bgr0")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    loaded = open_video(path)
    assert [w.name for w in loaded.warnings] == ["damaged_frames"]
    assert 8 <= frames(loaded).shape[0] <= 12


def test_a_cut_file_without_its_index_is_refused(
    tmp_path: Path, index: Callable[..., Index]
) -> None:
    path = factory.encode(tmp_path / "a.mp4", factory.moving())
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"moov") - 4])
    assert "index is missing" in _reason(index, path)


def test_flipped_bits_are_counted(tmp_path: Path, open_video: Open, frames: Frames) -> None:
    path = factory.encode(
        tmp_path / "a.mkv", factory.moving(), codec="ffv1", pix_fmt="bgr0", gop=1,
        options={"level": "3", "slicecrc": "1"},
    )  # fmt: skip
    data = bytearray(path.read_bytes())
    for place in (len(data) // 3, 2 * len(data) // 3):
        data[place : place + 8] = bytes(b ^ 0x55 for b in data[place : place + 8])
    path.write_bytes(data)
    loaded = open_video(path)
    assert [w.name for w in loaded.warnings] == ["damaged_frames"]
    assert "2 of 24" in loaded.warnings[0].message
    frames(loaded)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("text.mp4", b"this is no video\n" * 20),
        ("random.mp4", np.random.default_rng(0).bytes(20000)),
        ("zero.mp4", bytes(5000)),
        ("list.mp4", b"#EXTM3U\n#EXTINF:1,\nother.mp4\n"),
        ("list.mp4", b"ffconcat version 1.0\nfile 'other.mp4'\n"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n"),
        ("list.mpd", b"<?xml version='1.0'?><MPD></MPD>"),
        ("lines.srt", b"1\n00:00:00,000 --> 00:00:01,000\nhello\n"),
        ("picture.avif", b"\x00\x00\x00\x20ftypavif" + bytes(100)),
        ("head.mp4", b"\x00\x00\x00\x20ftypisom" + bytes(2000)),
        ("head.mkv", b"\x1aE\xdf\xa3" + np.random.default_rng(1).bytes(5000)),
        ("head.avi", b"RIFF\x10\x00\x00\x00AVI " + np.random.default_rng(1).bytes(5000)),
    ],
)
def test_what_is_no_video_is_refused(
    name: str, data: bytes, tmp_path: Path, index: Callable[..., Index]
) -> None:
    (tmp_path / "neighbour").mkdir()
    factory.encode(tmp_path / "neighbour" / "other.mp4", factory.moving(2))
    path = tmp_path / "neighbour" / name
    path.write_bytes(data)
    assert len(_reason(index, path)) > 5


def test_sound_alone_is_refused(tmp_path: Path, index: Callable[..., Index]) -> None:
    assert "sound only" in _reason(index, factory.sound(tmp_path / "a.mp4"))


def test_a_video_without_a_frame_is_refused(tmp_path: Path, silent: Any) -> None:
    path = tmp_path / "a.y4m"
    path.write_bytes(b"YUV4MPEG2 W16 H16 F25:1 Ip A1:1 C420jpeg\n")
    found = index_paths([path], silent, silent)
    for item in found.items:
        with pytest.raises(CorruptFileError, match="No frame"):
            read_item(item, lambda s, d: np.empty(s, d), silent, silent)


def test_a_huge_claim_is_refused_before_memory_is_taken(
    tmp_path: Path, index: Callable[..., Index]
) -> None:
    path = tmp_path / "a.y4m"
    path.write_bytes(b"YUV4MPEG2 W60000 H60000 F25:1 Ip A1:1 C420jpeg\nFRAME\n" + bytes(9999))
    assert _reason(index, path)
    clip = factory.encode(tmp_path / "a.avi", factory.moving(2), codec="ffv1", pix_fmt="bgr0")
    size = (64).to_bytes(4, "little") + (48).to_bytes(4, "little")
    data = clip.read_bytes()
    assert size in data
    clip.write_bytes(data.replace(size, (60000).to_bytes(4, "little") * 2))
    assert "40 million" in _reason(index, clip)


def test_nothing_beside_the_file_is_opened(tmp_path: Path, index: Callable[..., Index]) -> None:
    """A movie whose data reference names another file gets no bytes of it."""
    from acutance.io.video_file import _Nameless, _refuse

    with pytest.raises(PermissionError):
        _refuse("file:/etc/passwd", 1)
    path = factory.encode(tmp_path / "a.mp4", factory.moving(2))
    with path.open("rb") as stream:
        assert not hasattr(_Nameless(stream), "name")


def test_signatures_are_told_by_content() -> None:
    assert demuxer_of(b"\x00\x00\x00\x18ftypmp42") == "mov"
    assert demuxer_of(b"\x47" + bytes(187)) is None
    assert demuxer_of((b"\x47" + bytes(187)) * 6) == "mpegts"
    assert demuxer_of(b"RIFF\x00\x00\x00\x00WAVE") is None
    assert demuxer_of(b"") is None


def test_without_the_library_the_way_to_install_it_is_told(
    tmp_path: Path, index: Callable[..., Index], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = factory.encode(tmp_path / "a.mp4", factory.moving(2))
    monkeypatch.setattr(video.importlib.util, "find_spec", lambda name: None)
    assert 'pip install "acutance[video]"' in _reason(index, path)
    monkeypatch.undo()
    monkeypatch.setattr(av, "__version__", "17.0.0")
    assert "too old" in _reason(index, path)


def test_frames_beyond_the_end_are_refused_and_the_last_are_fewer(
    tmp_path: Path, open_video: Open, silent: Any
) -> None:
    loaded = open_video(factory.encode(tmp_path / "a.mp4", factory.moving(6)))

    def ask(start: int, count: int) -> int:
        part = read_frames(loaded.item, start, count, lambda s, d: np.empty(s, d), silent, silent)
        return len(part.array)

    assert ask(4, 100) == 2
    with pytest.raises(CorruptFileError, match="no frame 7"):
        ask(6, 1)


@pytest.mark.parametrize("name", ["b_frames.mp4", "b_frames.avi", "lossless.mkv", "altref.webm"])
def test_mutated_files_end_in_frames_or_in_a_reason(
    name: str, tmp_path: Path, silent: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    path = factory.encode(tmp_path / name, factory.moving(12), **_CLIPS[name])
    whole = path.read_bytes()
    rng = np.random.default_rng(len(name))
    ends = {"refused": 0, "shown": 0}
    named: set[Path | None] = set()
    for number in range(40):
        data = bytearray(whole)
        if number % 4 == 0:
            del data[rng.integers(1, len(data)) :]
        reach = len(data) if number % 2 else min(len(data), 1500)
        for place in rng.integers(0, reach, 4):
            data[place] = rng.integers(0, 256)
        path.write_bytes(data)
        found = index_paths([path], silent, silent)
        end = "refused"
        for item in found.items:
            try:
                loaded = read_item(item, lambda s, d: np.empty(s, d), silent, silent)
                assert isinstance(loaded, LoadedVideo)
                for start in (loaded.video.count - 1, 0):
                    read_frames(item, start, 1, lambda s, d: np.empty(s, d), silent, silent)
            except ReadError as error:
                named.add(error.path)
            else:
                end = "shown"
        ends[end] += 1
    assert min(ends.values()) > 0
    assert named <= {path}
    assert "Traceback" not in capfd.readouterr().err


def test_a_file_that_changed_is_opened_anew_and_few_stay_open(
    tmp_path: Path, open_video: Open, frames: Frames
) -> None:
    path = factory.encode(tmp_path / "a.mkv", factory.moving(3), codec="ffv1", pix_fmt="bgr0")
    first = frames(open_video(path))
    other = factory.moving(4, seed=2)
    factory.encode(path, other, codec="ffv1", pix_fmt="bgr0")
    last = open_video(path)
    np.testing.assert_array_equal(frames(last), other)
    assert first.shape[0] == 3
    for number in range(5):
        open_video(factory.encode(tmp_path / f"{number}.mkv", factory.moving(1), codec="ffv1"))
    assert len(video.open_readers._readers) == 3
    path.unlink()
    with pytest.raises(ReadError, match="cannot be read any more"):
        frames(last, 0, 1)


def test_cancel_ends_opening_and_reading(tmp_path: Path, silent: Any) -> None:
    class Cancelled:
        def raise_if_cancelled(self) -> None:
            raise JobCancelled

    path = factory.encode(tmp_path / "a.mp4", factory.moving(3))
    item = index_paths([path], silent, silent).items[0]
    with pytest.raises(JobCancelled):
        video.read_video(item, lambda s, d: np.empty(s, d), silent, Cancelled())
    video.read_video(item, lambda s, d: np.empty(s, d), silent, silent)
    with pytest.raises(JobCancelled):
        video.read_frames(item, 0, 1, lambda s, d: np.empty(s, d), silent, Cancelled())


_REAL = {
    "rotated90.mov": ((3, 568, 320, 3), np.uint8, 30.0, 0),
    "codec_h264_10bits.mp4": ((30, 200, 200, 3), np.uint16, 30.0, 0),
    "nasa_multistream.mp4": ((390, 270, 480, 3), np.uint8, 30000 / 1001, 0),
    "malformed_corrupted.mp4": ((49, 720, 1280, 3), np.uint8, 48 / 4.9, 1),
    "codec_av1_video.mkv": ((125, 360, 640, 3), np.uint8, 25.0, 0),
    "realshort_320x240.mp4": ((36, 240, 320, 3), np.uint8, 45000 / 1499, 0),
}


@pytest.mark.parametrize("name", _REAL)
def test_published_files(name: str, open_video: Open, frames: Frames) -> None:
    if not (DATA / "video" / name).is_file():
        pytest.skip("no test data; set ACUTANCE_TEST_DATA")
    loaded = open_video(DATA / "video" / name)
    shape, dtype, rate, bad = _REAL[name]
    assert (loaded.video.shape, loaded.video.dtype) == (shape, dtype)
    assert loaded.video.frame_rate == pytest.approx(rate, rel=1e-6)
    assert [w.name for w in loaded.warnings] == ["damaged_frames"] * bad
    last = frames(loaded, shape[0] - 1, 1)
    part = frames(loaded, shape[0] // 2, 2)
    np.testing.assert_array_equal(frames(loaded, shape[0] - 1, 1), last)
    np.testing.assert_array_equal(frames(loaded, shape[0] // 2, 2), part)
    if bad:
        assert "1 of 50" in loaded.warnings[0].message
    if name == "nasa_multistream.mp4":
        assert any("480 x 270, is shown, not 320 x 180" in note for note in loaded.notes)
    if name == "rotated90.mov":
        assert loaded.video.facts["rotation_deg"] == -90


def test_a_long_clip_is_checked_in_part(
    tmp_path: Path, open_video: Open, frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    from acutance.io import video_timeline

    monkeypatch.setattr(video_timeline, "CHECK_PIXELS", 5 * 48 * 64)
    path = factory.encode(tmp_path / "a.mp4", factory.moving(), b_frames=2)
    loaded = open_video(path)
    assert any("the first 5 of 24 frames" in note for note in loaded.notes)
    assert loaded.video.frame_rate == pytest.approx(25)
    np.testing.assert_array_equal(frames(loaded), np.stack(factory.sequential(path)))


def test_damage_beyond_the_check_is_told_by_the_frames(
    tmp_path: Path, open_video: Open, silent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from acutance.io import video_timeline

    monkeypatch.setattr(video_timeline, "CHECK_PIXELS", 5 * 48 * 64)
    pixels = factory.moving()
    path = factory.encode(tmp_path / "a.mov", pixels, codec="png", pix_fmt="rgb24", gop=1)
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(video=0) if p.size]
    data = bytearray(path.read_bytes())
    place = packets[20].pos
    data[place : place + packets[20].size] = bytes(packets[20].size)
    path.write_bytes(data)
    loaded = open_video(path)
    assert loaded.warnings == ()
    part = read_frames(loaded.item, 18, 5, lambda s, d: np.empty(s, d), silent, silent)
    assert part.facts["damaged_frames"] == 1
    np.testing.assert_array_equal(part.array[2], pixels[19])  # the one before stands in
    np.testing.assert_array_equal(part.array[3], pixels[21])
