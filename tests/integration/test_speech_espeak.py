"""The built-in engine, really speaking."""

import asyncio
import subprocess
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from deckcast.kit import children
from deckcast.kit.errors import CallError, WorkError
from deckcast.kit.timing import SpeechTimings, Viseme
from deckcast.speech import espeak, espeak_voices, mastering
from deckcast.speech.ports import Speech, SpeechRequest

SENTENCES = {
    "en": "Our revenue grew by 12.5 percent, thanks to new customers. What does that mean?",
    "de": "Größere Büros kosten 42,5 % mehr.\nDas heißt: Wir müssen prüfen, ob es so bleibt.",
    "fr": "Bonjour à tous, voici les résultats de l’année : œuvre, naïve, garçon.",
    "es": "El murciélago comía feliz; ¿y la cigüeña?",
    "it": "Gli gnocchi sono pronti, scegliete bene.",
    "pt-BR": "Luís, a ação não é fácil, amanhã talvez.",
    "nl": "Een goede keuze voor ons huis en de tuin.",
    "pl": "Pchnąć w tę łódź jeża lub ośm skrzyń fig.",
    "cs": "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "sk": "Kŕdeľ šťastných ďatľov učí koňa.",
    "hu": "Árvíztűrő tükörfúrógép.",
    "ro": "Am obţinut rezultate bune în Quebec.",
    "ru": "Съешь ещё этих мягких французских булок.",
    "uk": "Чуєш їх, доцю, га?",
    "bg": "Жълтата дюля беше щастлива.",
    "sr": "Фијуче ветар у шибљу.",
    "hr": "Gojazni đačić drži hmelj.",
    "sl": "Pišurka ščebljala je hitro.",
    "el": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.",
    "tr": "Pijamalı hasta yağız şoföre güvendi.",
    "fi": "Hyvää päivää, törkylempijä.",
    "sv": "Sju sjösjuka sjömän.",
    "da": "Jordbær med fløde.",
    "nb-NO": "Vår sære badeøy.",
    "is": "Kæmi ný öxi hér.",
    "et": "Põdur tšellomängija.",
    "lv": "Glāžšķūņa rūķīši.",
    "lt": "Įlinkdama fechtuotojo špaga.",
    "hi": "हमारी आय बढ़ी है। धन्यवाद।",
    "bn": "আমাদের আয় বেড়েছে।",
    "ta": "எங்கள் வருவாய் அதிகரித்தது.",
    "ar": "مرحبا بكم في العرض، شكرا.",
    "fa": "درآمد ما افزایش یافت.",
    "he": "שלום לכולם וברוכים הבאים.",
    "ko": "매출이 증가했습니다. 감사합니다.",
    "ja": "売上は増えました。ありがとう。",
    "zh-CN": "我们的收入增长了20%。谢谢！",
    "vi": "Doanh thu của chúng tôi đã tăng, cảm ơn.",
    "th": "รายได้เพิ่มขึ้น 20% ในปีนี้",
    "id": "Pendapatan kami meningkat tahun ini.",
    "sw": "Mapato yetu yameongezeka.",
    "ka": "ჩვენი შემოსავალი გაიზარდა.",
    "cy": "Parciais fy jac codi baw hud.",
    "eu": "Gure diru-sarrerak hazi egin dira.",
}


def _say(text: str, out: Path, language: str = "en", voice: str = "", speed: int = 165) -> Speech:
    voice = voice or espeak_voices.default_voice(language).id
    return espeak.speak(SpeechRequest(text, language, voice, speed), out)


def _samples(path: Path) -> mastering.Samples:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48_000, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768


def _check(speech: Speech, text: str) -> None:
    samples = _samples(speech.audio)
    assert len(samples) / 48_000 == pytest.approx(speech.duration_s)
    assert mastering.loudness(samples) == pytest.approx(-16, abs=0.5)
    assert np.abs(samples).max() <= 10 ** (-1 / 20)
    loud = np.flatnonzero(np.abs(samples) > 0.003)
    assert loud[0] <= 0.05 * 48_000
    assert len(samples) - loud[-1] <= 0.05 * 48_000
    words, shapes = speech.timings.words, speech.timings.visemes
    assert "".join(word.text for word in words).replace(" ", "") == "".join(text.split())
    assert all(text[word.offset : word.offset + word.length] == word.text for word in words)
    assert all(0 <= word.start_s < word.end_s <= speech.duration_s + 1e-6 for word in words)
    assert all(a.end_s <= b.start_s + 1e-6 for a, b in pairwise(words))
    assert shapes[0].start_s == 0
    assert shapes[-1].end_s == speech.duration_s
    assert all(a.end_s == b.start_s and a.start_s < a.end_s for a, b in pairwise(shapes))
    assert sum(v.end_s - v.start_s for v in shapes if v.viseme is Viseme.SIL) < 0.5 * speech.duration_s
    assert SpeechTimings.from_json(speech.timings.to_json()) == speech.timings


@pytest.mark.parametrize("language", SENTENCES)
def test_speaks(language: str, tmp_path: Path) -> None:
    text = SENTENCES[language]
    _check(_say(text, tmp_path / "a.wav", language), text)


@pytest.mark.parametrize("gender", ["female", "male"])
def test_a_woman_and_a_man(gender: str, tmp_path: Path) -> None:
    voice = espeak_voices.default_voice("de-AT", gender)
    assert voice.id == ("espeak:de+f2" if gender == "female" else "espeak:de")
    _check(_say(SENTENCES["de"], tmp_path / "a.wav", "de", voice.id), SENTENCES["de"])


def test_a_long_text_is_spoken_whole(tmp_path: Path) -> None:
    text = " ".join(f"Sentence number {n} tells of the year, which was good." for n in range(40))
    text += "\n\n" + "and on, " * 80
    text = text.strip()
    speech = _say(text, tmp_path / "a.wav")
    _check(speech, text)
    assert 90 < speech.duration_s < 240


def test_marks_follow_the_words(tmp_path: Path) -> None:
    """Signs outside of the basic plane and accents do not shift the offsets."""
    text = "😀 Über 𝒳 ﬁne cafe\u0301 — 我们 word"
    speech = _say(text, tmp_path / "a.wav")
    _check(speech, text)
    last = speech.timings.words[-1]
    assert last.text == "word"
    assert 0.2 < last.end_s - last.start_s < 0.8


def test_foreign_scripts_are_read_and_not_spelled(tmp_path: Path) -> None:
    """By itself the English voice would say “Chinese letter” four times."""
    speech = _say("We say 你好世界 today", tmp_path / "a.wav")
    _check(speech, "We say 你好世界 today")
    assert speech.duration_s < 3.5


def test_markup_is_not_obeyed(tmp_path: Path) -> None:
    plain = _say("Hello there", tmp_path / "a.wav")
    for index, text in enumerate(
        ["Hello <break time='9s'/> there", "Hello \x019A there", "Hello [[_:9]] there"]
    ):
        assert _say(text, tmp_path / f"{index}.wav").duration_s < plain.duration_s + 4


def test_the_same_request_gives_the_same_file(tmp_path: Path) -> None:
    """Each job has a process of its own, so nothing of an earlier one is heard."""
    request = SpeechRequest("Once more, the same. And the same.", "en", "espeak:en-us")
    first, again = (
        asyncio.run(children.run_in_child(espeak.speak, request, tmp_path / name)) for name in ("a", "b")
    )
    assert first.audio.read_bytes() == again.audio.read_bytes()
    assert first.timings == again.timings


def test_mouth_shapes_stand_where_their_sound_is(tmp_path: Path) -> None:
    """Vowels are loud, lips pressed are quieter, rest is silent: a shift of some frames would blur that."""
    text = "Papa paid for five fine fish. We keep going, step by step, and stop. What does that mean for us?"
    speech = _say(text, tmp_path / "a.wav")
    samples = _samples(speech.audio)
    power: dict[Viseme, list[float]] = {}
    for shape in speech.timings.visemes:
        part = samples[round(shape.start_s * 48_000) : round(shape.end_s * 48_000)]
        if len(part) > 1440:
            power.setdefault(shape.viseme, []).append(float(np.mean(part**2)))
    level = {viseme: 10 * np.log10(np.mean(values)) for viseme, values in power.items()}
    assert level[Viseme.SIL] < level[Viseme.AA] - 25
    for closed in (Viseme.PP, Viseme.FF, Viseme.SS):
        assert level[closed] < min(level[vowel] for vowel in (Viseme.AA, Viseme.E, Viseme.IH)) - 4
    assert 10 <= sum(shape.stressed for shape in speech.timings.visemes) <= 30


def test_a_stressed_word_is_longer_and_louder(tmp_path: Path) -> None:
    """Signs that mean something in the engine's own markup keep their place."""
    plain = _say("This is really good & <new> for $4.5M, us all.", tmp_path / "a.wav")
    stressed = _say("This is *really* good & <new> for $4.5M, us all.", tmp_path / "b.wav")
    _check(stressed, "This is really good & <new> for $4.5M, us all.")
    words = {word.text: word for word in stressed.timings.words}
    for before in plain.timings.words:
        after = words[before.text]
        longer_s = (after.end_s - after.start_s) - (before.end_s - before.start_s)
        if before.text == "really":
            assert longer_s > 0.04
            power = [
                float(
                    np.mean(
                        _samples(speech.audio)[round(word.start_s * 48_000) : round(word.end_s * 48_000)] ** 2
                    )
                )
                for speech, word in ((plain, before), (stressed, after))
            ]
            assert power[1] > 1.25 * power[0]
        else:
            assert abs(longer_s) < 0.08


def test_pronunciations_are_read_and_the_written_word_is_timed(tmp_path: Path) -> None:
    text = "The SQL of 重庆, [pause 2s] and SQL."
    request = SpeechRequest(
        text, "en", "espeak:en-us", pronunciations=(("SQL", "sequel"), ("重庆", "Chongqing"))
    )
    speech = espeak.speak(request, tmp_path / "a.wav")
    same = _say("The sequel of Chongqing, [pause 2s] and sequel.", tmp_path / "b.wav")
    assert speech.duration_s == pytest.approx(same.duration_s, abs=0.1)
    words = speech.timings.words
    assert "".join(word.text for word in words) == "TheSQLof重庆,andSQL."
    assert words[-2].start_s - words[-3].end_s == pytest.approx(2.0, abs=0.1)


def test_speed(tmp_path: Path) -> None:
    text = SENTENCES["en"]
    slow, fast = (_say(text, tmp_path / f"{wpm}.wav", speed=wpm).duration_s for wpm in (120, 220))
    assert slow > 1.3 * fast


@pytest.mark.parametrize("text", ["", "  \n ", "…!?", "😀 🎉", "— • *", "\ud800"])
def test_nothing_to_say(text: str, tmp_path: Path) -> None:
    with pytest.raises(WorkError) as caught:
        _say(text, tmp_path / "a.wav")
    assert caught.value.code == "nothing_to_say"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["a", "7", "Hi!", "I.", "&1"])
def test_the_shortest_speech(text: str, tmp_path: Path) -> None:
    _check(_say(text, tmp_path / "a.wav"), text)


@pytest.mark.parametrize("voice", ["espeak:xx", "espeak:en-us+zz", "nobody", "piper:en", "", "espeak:../etc"])
def test_unknown_voice(voice: str, tmp_path: Path) -> None:
    with pytest.raises(CallError) as caught:
        espeak.speak(SpeechRequest("Hello", "en", voice), tmp_path / "a.wav")
    assert caught.value.code == "unknown_voice"
    assert "deckcast voices" in caught.value.next_step


@pytest.mark.parametrize(
    ("language", "voice_id"),
    [
        ("en", "espeak:en-us"), ("en-US", "espeak:en-us"), ("en-GB", "espeak:en-gb"),
        ("en_AU", "espeak:en-gb"),
        ("", "espeak:en-us"), ("und", "espeak:en-us"), ("de-AT", "espeak:de"), ("de-DE-1996", "espeak:de"),
        ("fr-FR", "espeak:fr"), ("fr-CA", "espeak:fr"), ("pt-BR", "espeak:pt-br"), ("pt", "espeak:pt"),
        ("zh-CN", "espeak:cmn"), ("zh-Hant-TW", "espeak:cmn"), ("zh-HK", "espeak:yue"), ("no", "espeak:nb"),
        ("nn-NO", "espeak:nb"), ("es-MX", "espeak:es-419"), ("es-ES", "espeak:es"), ("iw", "espeak:he"),
    ],
)  # fmt: skip
def test_default_voice(language: str, voice_id: str) -> None:
    assert espeak_voices.default_voice(language).id == voice_id


def test_language_not_spoken() -> None:
    with pytest.raises(CallError) as caught:
        espeak_voices.default_voice("tlh")
    assert caught.value.code == "language_not_spoken"


def test_voices() -> None:
    voices = espeak_voices.voices()
    assert len({voice.language for voice in voices}) > 80
    assert len({voice.id for voice in voices}) == len(voices)
    assert all(
        voice.id.isascii() and " " not in voice.id and voice.id.startswith("espeak:") for voice in voices
    )
    limited = {voice.language for voice in voices if voice.quality_limited}
    assert {"ar", "ja", "he", "th"} <= limited
    assert not {"en-US", "de", "zh", "fr"} & limited
    for voice in voices:
        assert espeak_voices.voice(voice.id) == voice


def test_every_voice_speaks(tmp_path: Path) -> None:
    """No voice id leads into nothing; numbers are said in every language."""
    for voice in espeak_voices.voices():
        if voice.id.endswith("+f2"):
            continue
        assert _say("1 2 3", tmp_path / "a.wav", voice=voice.id).duration_s > 0.2, voice.id


def test_in_a_child_process(tmp_path: Path) -> None:
    request = SpeechRequest("Spoken in a process of its own.", "en", "espeak:en-us")
    speech = asyncio.run(children.run_in_child(espeak.speak, request, tmp_path / "a.wav"))
    _check(speech, request.text)


def test_loudness_by_another_meter(tmp_path: Path) -> None:
    speech = _say(SENTENCES["en"], tmp_path / "a.wav")
    command = ["ffmpeg", "-nostats", "-i", str(speech.audio), "-af", "ebur128=peak=true", "-f", "null", "-"]
    try:
        report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    except FileNotFoundError:
        pytest.skip("ffmpeg is not installed")
    summary = report[report.rindex("Summary:") :].split()
    assert float(summary[summary.index("I:") + 1]) == pytest.approx(-16, abs=0.5)
    assert float(summary[summary.index("Peak:") + 1]) <= -1.0
