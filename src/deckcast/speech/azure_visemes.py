"""Azure's 22 mouth shapes as our fifteen.

The ids and their sounds are those of Microsoft's page “Get facial position with viseme” of the Speech service
documentation (the same numbers as SAPI's SPVISEMES).
"""

from __future__ import annotations

from collections.abc import Sequence

from deckcast.kit.timing import Viseme, VisemeTiming
from deckcast.speech.phonemes import merged

_SHAPES: dict[int, tuple[Viseme, ...]] = {
    0: (Viseme.SIL,),
    1: (Viseme.AA,),  # æ ə ʌ
    2: (Viseme.AA,),  # ɑ
    3: (Viseme.OH,),  # ɔ
    4: (Viseme.E,),  # ɛ ʊ
    5: (Viseme.E,),  # ɝ
    6: (Viseme.IH,),  # j i ɪ
    7: (Viseme.OU,),  # w u
    8: (Viseme.OH,),  # o
    9: (Viseme.AA, Viseme.OU),  # aʊ
    10: (Viseme.OH, Viseme.IH),  # ɔɪ
    11: (Viseme.AA, Viseme.IH),  # aɪ
    12: (),  # h: made in the throat, the mouth already takes the next sound's shape
    13: (Viseme.RR,),  # ɹ
    14: (Viseme.NN,),  # l
    15: (Viseme.SS,),  # s z
    16: (Viseme.CH,),  # ʃ tʃ dʒ ʒ
    17: (Viseme.TH,),  # ð
    18: (Viseme.FF,),  # f v
    19: (Viseme.DD,),  # d t n θ
    20: (Viseme.KK,),  # k g ŋ
    21: (Viseme.PP,),  # p b m
}
_SPREAD = 0.3  # of the sound that shapes cover, where their times can be true


def visemes(told: Sequence[tuple[int, float]], duration_s: float) -> tuple[VisemeTiming, ...]:
    """Mouth shapes from (id, second at which it begins), without gaps from 0 to `duration_s`.

    None at all where they cannot be true: out of order, beyond the sound, or nothing but silence, which some
    languages send.
    """
    seconds = [second for _, second in told]
    shown = [second for number, second in told if number]
    if seconds != sorted(seconds) or not shown or seconds[-1] > duration_s + 0.1 or seconds[0] < 0:
        return ()
    if shown[-1] - shown[0] < _SPREAD * duration_s and len(shown) > 8:
        return ()
    timed = [VisemeTiming(Viseme.SIL, 0.0, seconds[0])] if seconds[0] > 0 else []
    for index, (number, start_s) in enumerate(told):
        end_s = min(seconds[index + 1] if index + 1 < len(told) else duration_s, duration_s)
        shapes = _SHAPES.get(number, (Viseme.E,)) or (_next_shape(told[index + 1 :]),)
        step_s = (end_s - start_s) / len(shapes)
        timed += [
            VisemeTiming(shape, start_s + place * step_s, start_s + (place + 1) * step_s)
            for place, shape in enumerate(shapes)
            if step_s > 0
        ]
    return tuple(merged(timed))


def _next_shape(told: Sequence[tuple[int, float]]) -> Viseme:
    return next((shapes[0] for number, _ in told[:2] if (shapes := _SHAPES.get(number, ()))), Viseme.E)
