"""Words in a foreign script go to a voice that reads it; everything else stays with the chosen one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckcast.speech.scripts import by_script
from deckcast.speech.sentences import Piece


def _runs(text: str, code: str) -> list[tuple[str, str]]:
    return [(text[p.start : p.end], reader) for p, reader in by_script(text, Piece(0, len(text), 0.3), code)]


@pytest.mark.parametrize(
    ("text", "code", "runs"),
    [
        ("Plain text", "en-us", [("Plain text", "en-us")]),
        ("Größe und Maß", "de", [("Größe und Maß", "de")]),
        ("We say 你好, then go", "en-us", [("We say ", "en-us"), ("你好, ", "cmn"), ("then go", "en-us")]),
        ("ありがとう grew", "en-us", [("ありがとう ", "ja"), ("grew", "en-us")]),
        ("Слово и word", "ru", [("Слово и word", "ru")]),
        ("Das Wort Привет", "de", [("Das Wort ", "de"), ("Привет", "ru")]),
        ("angle α, 5 Ω", "en-us", [("angle α, 5 Ω", "en-us")]),
        ("我们用 Excel", "cmn", [("我们用 Excel", "cmn")]),
        ("会社の売上", "ja", [("会社", "cmn"), ("の", "ja"), ("売上", "cmn")]),
        ("متن فارسی", "fa", [("متن فارسی", "fa")]),
        ("“42 %”", "de", [("“42 %”", "de")]),
    ],
)
def test_runs(text: str, code: str, runs: list[tuple[str, str]]) -> None:
    assert _runs(text, code) == runs


@given(st.text(alphabet="ab é.,5 我の한Ωψж ", max_size=40), st.sampled_from(["en-us", "ja", "ru", "cmn"]))
def test_runs_cover_the_text(text: str, code: str) -> None:
    runs = by_script(text, Piece(0, len(text), 0.3), code)
    assert "".join(text[piece.start : piece.end] for piece, _ in runs) == text
    assert [piece.pause_s for piece, _ in runs] == [0.0] * (len(runs) - 1) + [0.3]
