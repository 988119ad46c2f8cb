"""A slide clip: slide picture, presenter and speech in one MP4.

The still is converted to YUV once; per frame only the presenter's window is blended, in place, into one frame, and
only that window is encoded. Measured by bench/compose.py.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np

from deckcast.kit.errors import WorkError
from deckcast.kit.files import written_whole
from deckcast.videos.cutout import CutoutLayer, open_cutout
from deckcast.videos.encoding import FRAME_TIME, MP4_OPTIONS, Pictures, Sound, WholePictures, add_picture
from deckcast.videos.mark import WORDS, Mark
from deckcast.videos.models import (
    FRAME_RATE,
    HEIGHT,
    SAMPLE_RATE,
    WIDTH,
    Clip,
    ClipRequest,
    Layout,
    PixelBox,
    Placement,
    Shape,
)
from deckcast.videos.presenter import Planes, Presenter, WindowLayer, open_presenter
from deckcast.videos.sound import SAMPLES_PER_FRAME, Samples, read_samples
from deckcast.videos.splice.encoder import SplicedPictures
from deckcast.videos.splice.slices import SpliceError
from deckcast.videos.still import Window, draw_still, planes_of, to_yuv, window_for

COMPOSER_VERSION = 3  # raised where the same request would give another picture or sound
_Encoding = Callable[[av.VideoStream, PixelBox | None], Pictures]


def compose_clip(request: ClipRequest, out: Path) -> Clip:
    """Compose one slide clip into `out`: 1920×1080 H.264 at 25 fps with AAC sound.

    The clip lasts `pause_before_s`, the speech (or `silence_s` where there is none), `pause_after_s`, rounded
    up to whole frames. Blocks, on one core: run it in a child process. Raises WorkError `image_unreadable`,
    `speech_unreadable`, `avatar_video_unreadable`, `result_not_video` or `compose_failed`.
    """
    speech = read_samples(request.speech) if request.speech is not None else None
    sound = _soundtrack(request, speech)
    try:
        try:
            _write(out, request, sound, _encoding_for)
        except (SpliceError, av.FFmpegError):
            _write(out, request, sound, lambda _: WholePictures)
    except (av.FFmpegError, ValueError) as error:
        raise WorkError(
            "compose_failed",
            f"The slide clip could not be composed ({type(error).__name__}).",
            next_step="Run the same command again; if it happens again, report it.",
            retryable=True,
        ) from error
    return Clip(
        out, len(sound) // SAMPLES_PER_FRAME, len(speech) / SAMPLE_RATE if speech is not None else 0.0
    )


def _soundtrack(request: ClipRequest, speech: Samples | None) -> Samples:
    """Pause, speech, pause and silence up to a whole frame, as samples."""
    before, after = round(request.pause_before_s * SAMPLE_RATE), round(request.pause_after_s * SAMPLE_RATE)
    spoken = speech if speech is not None else np.zeros(round(request.silence_s * SAMPLE_RATE), np.int16)
    frames = max(1, -(-(before + len(spoken) + after) // SAMPLES_PER_FRAME))
    track = np.zeros(frames * SAMPLES_PER_FRAME, np.int16)
    track[before : before + len(spoken)] = spoken
    return track


class Scene:
    """The one frame that is shown and changed in place, and the presenter in it, if any."""

    def __init__(self, request: ClipRequest, presenter: Presenter | None, window: Window | None) -> None:
        placement = request.placement
        still = draw_still(request.slide_image, placement, request.background)
        self.frame = to_yuv(still)
        self._start_s = request.avatar_lead_s - request.pause_before_s
        self._presenter = presenter
        self.box = window.box if window is not None else None
        mark = Mark(request.mark, still, self.box) if request.mark is not None else None
        self._mark_above = (
            mark if mark is not None and self.box is not None and mark.meets(self.box) else None
        )
        if mark is not None and self._mark_above is None:
            mark.lay(planes_of(self.frame))
        if presenter is None or window is None:
            return
        ground = planes_of(self.frame)
        views = [plane[_part(window.box, step)] for plane, step in zip(ground, (1, 2, 2), strict=True)]
        cut_out = placement.shape is Shape.CUT_OUT
        self._layer = CutoutLayer(views, window) if cut_out else WindowLayer(views, window)
        self._show(presenter.first)

    def advance(self, frame: int) -> bool:
        """Bring the picture to a frame of the clip; returns whether it changed."""
        if self._presenter is None:
            return False
        moving = self._presenter.at(frame / FRAME_RATE + self._start_s)
        if moving is None:
            return False
        self._show(moving)
        return True

    def _show(self, planes: Planes) -> None:
        self._layer.show(planes)
        if self._mark_above is not None:
            self._mark_above.lay(planes_of(self.frame))


def _part(box: PixelBox, step: int) -> tuple[slice, slice]:
    return (
        slice(box.y // step, (box.y + box.height) // step),
        slice(box.x // step, (box.x + box.width) // step),
    )


def _alone(placement: Placement) -> Placement:
    """The slide without a presenter fills the picture."""
    return replace(placement, layout=Layout.NONE, slide=PixelBox(0, 0, WIDTH, HEIGHT), presenter=None)


@contextlib.contextmanager
def _open_scene(request: ClipRequest) -> Iterator[Scene]:
    placement = request.placement
    window = window_for(placement) if request.avatar_video is not None else None
    if window is None or request.avatar_video is None:
        yield Scene(replace(request, placement=_alone(placement)), None, None)
        return
    box, video = window.box, request.avatar_video
    cut_out = placement.shape is Shape.CUT_OUT
    opening = open_cutout(video, *box[2:]) if cut_out else open_presenter(video, *box[2:], window.zoom)
    with opening as presenter:
        yield Scene(request, presenter, window)


def _encoding_for(box: PixelBox | None) -> _Encoding:
    """A presenter who fills the picture leaves nothing that stands still."""
    small = box is None or box.width * box.height < WIDTH * HEIGHT // 2
    return SplicedPictures if small else WholePictures


def _write(
    out: Path, request: ClipRequest, sound: Samples, encoding_for: Callable[[PixelBox | None], _Encoding]
) -> None:
    """Draw and encode the clip. Raises SpliceError where the encoding does not fit."""
    with written_whole(out) as temporary, contextlib.ExitStack() as stack:
        scene = stack.enter_context(_open_scene(request))
        container = stack.enter_context(av.open(f"file:{temporary}", "w", format="mp4", options=MP4_OPTIONS))
        if request.mark is not None:
            container.metadata["comment"] = WORDS[request.mark]
        stream, track = add_picture(container), Sound(container)
        pictures = encoding_for(scene.box)(stream, scene.box)
        for number in range(len(sound) // SAMPLES_PER_FRAME):
            changed = scene.advance(number)
            scene.frame.pts, scene.frame.time_base = number, FRAME_TIME
            container.mux(pictures.encode(scene.frame, changed))
            track.write(sound[number * SAMPLES_PER_FRAME : (number + 1) * SAMPLES_PER_FRAME])
        container.mux(pictures.close())
        track.close()
