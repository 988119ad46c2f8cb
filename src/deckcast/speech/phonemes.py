"""From IPA to mouth shapes: every phoneme of every language becomes one of the fifteen visemes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from deckcast.kit.timing import Viseme, VisemeTiming
from deckcast.speech.espeak_library import SAMPLE_RATE, Phone

_LETTERS: dict[Viseme, str] = {
    Viseme.PP: "pbmɓʙᵐʘ",
    Viseme.FF: "fvɱɸβⱱʋ",
    Viseme.TH: "θð",
    Viseme.DD: "tdʈɖɗǀǃ",
    Viseme.KK: "kɡgqɢɣxχʁŋɴɰɠʛʀcɟçʝʄ",
    Viseme.CH: "ʃʒɕʑʂʐɧʧʤʨʥ",
    Viseme.SS: "szʦʣ",
    Viseme.NN: "nlɲɳɫʎɭʟɬɮǁǂ",
    Viseme.RR: "rɹɾɻɽɺɚɝ˞",
    Viseme.AA: "aɑɐʌäæɶɒ",
    Viseme.E: "eɛəɜɘɞœøɤ",
    Viseme.IH: "iɪɨjyʏɿɩ",
    Viseme.OH: "oɔɵ",
    Viseme.OU: "uʊʉɯwɥʍɷ",
}
_VISEME = {letter: viseme for viseme, letters in _LETTERS.items() for letter in letters}
_VOWELS = frozenset("aɑɐʌäæɶɒeɛəɜɘɞœøɤiɪɨyʏɿɩoɔɵuʊʉɯɷɚɝ")
_SHAPELESS = frozenset("hɦħʕʔʢʡ")  # made in the throat: the mouth already takes the next sound's shape
_ROUNDED = frozenset("yʏøœ")
_LONG = frozenset("ːˑ")


@dataclass(slots=True)
class _Segment:
    viseme: Viseme | None  # None: takes the shape of its neighbour
    weight: float
    vowel: bool = False


def segments(ipa: str) -> list[tuple[Viseme | None, float, bool]]:
    """Split one phoneme event's IPA into (viseme, share of its time, is a vowel).

    Diphthongs and affricates give two; marks of tone, stress and colour give none. A viseme of None
    stands for a sound made in the throat.
    """
    found: list[_Segment] = []
    for letter in unicodedata.normalize("NFC", ipa):
        if letter in _LONG:
            if found:
                found[-1].weight += 0.8
        elif letter in _SHAPELESS:
            found.append(_Segment(None, 0.8))
        elif letter == "." and found and found[-1].viseme in (Viseme.SS, Viseme.DD):
            found[-1].viseme = Viseme.CH if found[-1].viseme is Viseme.SS else Viseme.DD  # retroflex: s. = ʂ
        elif (viseme := _shape(letter)) is not None:
            vowel = letter in _VOWELS
            found.append(_Segment(viseme, 1.4 if vowel else 1.0, vowel))
    return [(part.viseme, part.weight, part.vowel) for part in found]


def visemes(phones: Sequence[Phone], end: int, start_s: float) -> list[VisemeTiming]:
    """Mouth shapes of one utterance of `end` samples that starts at `start_s` of the file, without gaps."""
    timed: list[VisemeTiming] = []
    if not phones or phones[0].start > 0:
        timed.append(VisemeTiming(Viseme.SIL, 0.0, (phones[0].start if phones else end) / SAMPLE_RATE))
    for index, phone in enumerate(phones):
        stop = phones[index + 1].start if index + 1 < len(phones) else end
        begin_s, stop_s = min(phone.start, end) / SAMPLE_RATE, min(stop, end) / SAMPLE_RATE
        if stop_s > begin_s:
            timed.extend(_of_phone(phone, begin_s, stop_s, _next_shape(phones, index)))
    return merged([VisemeTiming(v.viseme, v.start_s + start_s, v.end_s + start_s, v.stressed) for v in timed])


def merged(timings: Sequence[VisemeTiming]) -> list[VisemeTiming]:
    """Join neighbouring rests into one."""
    joined: list[VisemeTiming] = []
    for timing in timings:
        if joined and timing.viseme is Viseme.SIL and joined[-1].viseme is Viseme.SIL:
            timing = VisemeTiming(Viseme.SIL, joined.pop().start_s, timing.end_s)
        joined.append(timing)
    return joined


def _of_phone(phone: Phone, begin: float, stop: float, coming: Viseme) -> list[VisemeTiming]:
    parts = segments(phone.ipa) or [(Viseme.SIL, 1.0, False)]
    total = sum(weight for _, weight, _ in parts)
    stressed = "ˈ" in phone.ipa
    timed: list[VisemeTiming] = []
    at = begin
    for number, (viseme, weight, vowel) in enumerate(parts):
        last = number + 1 == len(parts)
        until = stop if last else at + (stop - begin) * weight / total
        shape = viseme or (coming if last else parts[number + 1][0] or coming)
        timed.append(VisemeTiming(shape, at, until, stressed and vowel))
        stressed = stressed and not vowel  # only the first vowel of a diphthong carries the stress
        at = until
    return timed


def _next_shape(phones: Sequence[Phone], index: int) -> Viseme:
    for phone in phones[index + 1 : index + 4]:
        for viseme, _, _ in segments(phone.ipa):
            if viseme is not None:
                return viseme
    return Viseme.E


def _shape(letter: str) -> Viseme | None:
    """A letter's viseme; a letter that is not in the table goes by its Unicode name, marks have none."""
    if letter in _ROUNDED:
        return Viseme.OU
    known = _VISEME.get(letter)
    if known is not None:
        return known
    plain = unicodedata.normalize("NFD", letter)[0]
    if plain != letter:
        return _shape(plain)
    if unicodedata.category(letter) not in ("Ll", "Lu", "Lo"):
        return None
    vowel = any(f"LETTER {name}" in unicodedata.name(letter, "") for name in ("A", "E", "I", "O", "U"))
    return Viseme.E if vowel else Viseme.DD
