"""The benchmarks: what composing costs beside its peers, what a whole film costs per slide, the memory
that publishing a large video takes, how well the places of a paid account are used, what speaking a deck
costs, how well the words of a strange voice are found, how honest progress is, and how soon all who watch
see a change.

python -m bench                        all of them, about half an hour on two cores
python -m bench compose --decks sample,20
python -m bench make --slides 5,20,50
python -m bench publishing --gigabytes 2
python -m bench schedule --slides 1,10,20,50
python -m bench audio --slides 20
python -m bench progress --slides 20,50,200 --speed 2
python -m bench live --clients 200 --slides 20
python -m bench alignment --piper-voice en_US-joe-medium.onnx
"""

from __future__ import annotations

import argparse

from bench import alignment, audio, compose, live, make, progress, publishing, schedule


def main() -> None:
    """Run what is asked for; print the tables and keep them in bench/results."""
    options = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = ("all", "alignment", "audio", "compose", "live", "make", "progress", "publishing", "schedule")
    options.add_argument("part", nargs="?", choices=parts, default="all")
    options.add_argument(
        "--slides", default="", help="audio, live, make, progress, schedule: lengths of the decks"
    )
    options.add_argument("--decks", default="sample,20", help="compose: the sample deck, numbers of slides")
    options.add_argument("--rounds", type=int, default=1, help="compose: of which the cheapest counts")
    options.add_argument("--only", default="", help="compose: contenders whose name contains this")
    options.add_argument("--gigabytes", type=float, default=2.0, help="publishing: size of the video")
    options.add_argument(
        "--speed", type=float, default=1.0, help="progress, schedule: how much faster time passes"
    )
    options.add_argument(
        "--piper-voice", default="", help="alignment: a model that tells its phonemes' lengths"
    )
    options.add_argument("--clients", type=int, default=200, help="live: how many watch")
    options.add_argument("--no-keep", action="store_true", help="print only")
    given = options.parse_args()
    if given.part in ("all", "compose"):
        compose.run(given.decks.split(","), given.rounds, given.only, kept=not given.no_keep)
    if given.part in ("all", "live"):
        live.run(given.clients, _lengths(given.slides or "20")[0], kept=not given.no_keep)
    if given.part in ("all", "make"):
        make.run(_lengths(given.slides or "5,20,50"), kept=not given.no_keep)
    if given.part in ("all", "publishing"):
        publishing.run(given.gigabytes, kept=not given.no_keep)
    if given.part in ("all", "schedule"):
        schedule.run(_lengths(given.slides or "1,10,20,50"), speed=given.speed, kept=not given.no_keep)
    if given.part in ("all", "progress"):
        progress.run(_lengths(given.slides or "20,50,200"), speed=given.speed, kept=not given.no_keep)
    if given.part in ("all", "audio"):
        audio.run(_lengths(given.slides or "20")[0], kept=not given.no_keep)
    if given.part in ("all", "alignment"):
        alignment.run(given.piper_voice, kept=not given.no_keep)


def _lengths(slides: str) -> list[int]:
    return [int(count) for count in slides.split(",")]


if __name__ == "__main__":
    main()
