"""The benchmarks: what composing costs beside its peers, what a whole film costs per slide, the memory
that publishing a large video takes, how well the places of a paid account are used, what speaking a deck
costs, how well the words of a strange voice are found, how honest progress is, how soon all who watch see a
change and how soon it is on the page, how long a short deck takes behind a long one, what a slide costs while
thousands are queued and on several workers, and what so many decks an hour need.

python -m bench                        all of them, about half an hour on two cores
python -m bench compose --decks sample,20
python -m bench make --slides 5,20,50
python -m bench publishing --gigabytes 2
python -m bench schedule --slides 1,10,20,50
python -m bench audio --slides 20
python -m bench progress --slides 20,50,200 --speed 2
python -m bench live --clients 200 --slides 20
python -m bench page-live --slides 20
python -m bench fairness
python -m bench alignment --piper-voice en_US-joe-medium.onnx
python -m bench queue --slides 1000,3000,10000 --sample 300
python -m bench scale --slides 10 --workers 1,2,3
python -m bench need --decks-per-hour 60 --slides 20 --provider heygen --render-s 600    (measures nothing)
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from bench import (
    alignment,
    audio,
    compose,
    fairness,
    live,
    make,
    page_live,
    progress,
    publishing,
    queue,
    scale,
    scale_model,
    schedule,
)

# What each part does with the options, and whether its numbers are kept; in the order of `all`.
RUNS: dict[str, Callable[[argparse.Namespace, bool], None]] = {
    "compose": lambda given, kept: compose.run(given.decks.split(","), given.rounds, given.only, kept=kept),
    "live": lambda given, kept: live.run(given.clients, _lengths(given.slides or "20")[0], kept=kept),
    "page-live": lambda given, kept: page_live.run(_lengths(given.slides or "20")[0], kept=kept),
    "make": lambda given, kept: make.run(_lengths(given.slides or "5,20,50"), kept=kept),
    "publishing": lambda given, kept: publishing.run(given.gigabytes, kept=kept),
    "schedule": lambda given, kept: schedule.run(
        _lengths(given.slides or "1,10,20,50"), speed=given.speed, kept=kept
    ),
    "progress": lambda given, kept: progress.run(
        _lengths(given.slides or "20,50,200"), speed=given.speed, kept=kept
    ),
    "audio": lambda given, kept: audio.run(_lengths(given.slides or "20")[0], kept=kept),
    "fairness": lambda given, kept: fairness.run(kept=kept),
    "alignment": lambda given, kept: alignment.run(given.piper_voice, kept=kept),
    "scale": lambda given, kept: scale.run(
        _lengths(given.slides or "10")[0],
        _lengths(given.workers),
        [given.provider] if given.provider else ["heygen", "local"],
        kept=kept,
    ),
    "queue": lambda given, kept: queue.run(
        _lengths(given.slides or "1000,3000,10000"), given.sample, given.history, kept=kept
    ),
}


def main() -> None:
    """Run what is asked for; print the tables and keep them in bench/results."""
    options = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("part", nargs="?", choices=("all", "need", *RUNS), default="all")
    options.add_argument("--slides", default="", help="lengths of the decks; queue: of the queue")
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
    options.add_argument("--sample", type=int, default=300, help="queue: slides that go all the way (0: all)")
    options.add_argument("--history", type=int, default=0, help="queue: finished slides in the database")
    options.add_argument("--workers", default="1,2,3", help="scale: numbers of workers")
    options.add_argument("--provider", default="", help="scale, need: heygen or local")
    options.add_argument("--decks-per-hour", type=float, default=60.0, help="need")
    options.add_argument(
        "--render-s", type=float, default=600.0, help="need: what a job takes at the provider"
    )
    options.add_argument("--places", type=int, default=5, help="need: jobs at once on an account")
    options.add_argument("--cores", type=int, default=4, help="need: of a worker's machine")
    options.add_argument("--no-keep", action="store_true", help="print only")
    given = options.parse_args()
    if given.part == "need":
        provider, slides = given.provider or "heygen", _lengths(given.slides or "20")[0]
        render_s = 0.0 if provider == "local" else given.render_s
        scale.ask(
            provider, scale_model.Load(given.decks_per_hour, slides, render_s, given.places, given.cores)
        )
        return
    for part, run in RUNS.items():
        if given.part in ("all", part):
            run(given, not given.no_keep)


def _lengths(slides: str) -> list[int]:
    return [int(count) for count in slides.split(",")]


if __name__ == "__main__":
    main()
