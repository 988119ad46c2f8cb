"""Narratives: the speaker's notes, an honest account of the slide, or what a language model writes."""

from __future__ import annotations

from dataclasses import asdict

from deckcast.kit.fingerprint import fingerprint
from deckcast.kit.marks import parse
from deckcast.kit.slides import DeckAnalysis, SlideAnalysis, SlideContent
from deckcast.llm.ports import LanguageModel, Usage
from deckcast.narration.languages import other_language, primary
from deckcast.narration.lengths import estimate_s as estimate_s
from deckcast.narration.lengths import is_long
from deckcast.narration.lengths import target_s as target_s
from deckcast.narration.models import Approach, Narrative, Surroundings, Wish
from deckcast.narration.notes import spoken_notes
from deckcast.narration.outline import outline
from deckcast.narration.phrases import phrases
from deckcast.narration.writing import ask_for

NARRATION_VERSION = "outline/3"
"""Part of a narrative's fingerprint: changes when the same slide would be narrated in other words."""

PROMPT_VERSION = "writing/1"
"""Part of the fingerprint of what a model writes: changes when it is asked otherwise."""


def narrate(slide: SlideContent, wish: Wish | None = None, *, turn: int = 0) -> Narrative:
    """What is said on a slide without a model. Notes win, as they are, whatever approach is wished; else title,
    points, tables, charts and pictures as sentences, with other phrases around them at another `turn`.

    Warnings: `no_narration` (text is empty, source "none"), `text_too_long`, `not_translated` (the words are
    clearly not in the language that `wish` asks for).
    """
    language = wish.language if wish and wish.language else slide.language
    table = phrases(language)
    asked = wish.language if wish else ""
    text = spoken_notes(slide.notes, table)
    if text:
        return Narrative(text, language, "notes", _warnings(text, text, language, asked))
    text = outline(slide, table, turn)
    if text:
        return Narrative(text, language, "outline", _warnings(text, _own_words(slide), language, asked))
    message = "The slide has no notes and no text to speak; it is shown silently."
    return Narrative("", language, "none", (("no_narration", message),))


def needs_model(slide: SlideContent, wish: Wish) -> bool:
    """Whether a model, where there is one, writes this slide's narrative: there is no need for one where notes are
    spoken as they are, in their own language."""
    if not spoken_notes(slide.notes, phrases(slide.language)):
        return True
    return wish.approach is not Approach.NOTES or _is_translation(slide, wish)


async def write(
    model: LanguageModel,
    slide: SlideContent,
    analysis: SlideAnalysis | None,
    deck: DeckAnalysis | None,
    wish: Wish,
    around: Surroundings,
) -> tuple[Narrative, Usage]:
    """The slide's narrative, written, polished or translated by a model where `needs_model` says so, else
    `narrate`'s; and what the model took.

    Warnings besides those of `narrate`: `figure_not_on_slide`, `narrative_length`. Raises WorkError
    narrative_unusable, and what the model's port raises.
    """
    if not needs_model(slide, wish) or not _has_matter(slide, analysis):
        return narrate(slide, wish), Usage()
    return await ask_for(model, slide, analysis, deck, wish, around)


def narrative_fingerprint(
    slide: SlideContent, wish: Wish, writer: str, analysis: SlideAnalysis | None
) -> str:
    """The hash of what a narrative is made from: the slide's own content, notes and language, and the writer
    (NARRATION_VERSION, or a model's name).

    Where a model writes, also the wish and the analysis; else only the language wished for. Never number, total
    or neighbours: moving a slide remakes nothing.
    """
    by_model = writer != NARRATION_VERSION
    return fingerprint(
        "narrative/1",
        title=slide.title,
        paragraphs=slide.paragraphs,
        notes=slide.notes,
        language=slide.language,
        tables=slide.tables,
        charts=[asdict(chart) for chart in slide.charts],
        picture_descriptions=slide.picture_descriptions,
        wish=asdict(wish) if by_model else {"language": wish.language},
        writer=[writer, PROMPT_VERSION] if by_model else writer,
        analysis=analysis.to_json() if by_model and analysis else None,
    )


def _is_translation(slide: SlideContent, wish: Wish) -> bool:
    """Whether the notes are in another language than the one asked for."""
    if not wish.language:
        return False
    if slide.language and primary(slide.language) != primary(wish.language):
        return True
    return other_language(slide.notes, wish.language) is not None


def _has_matter(slide: SlideContent, analysis: SlideAnalysis | None) -> bool:
    """Whether there is anything that a model could speak of without making it up."""
    if analysis and analysis.shows.strip():
        return True
    return bool(outline(slide, phrases(slide.language)) or slide.notes.strip())


def _own_words(slide: SlideContent) -> str:
    return "\n".join([slide.title, *(text for _, text in slide.paragraphs), *slide.picture_descriptions])


def _warnings(text: str, words: str, language: str, asked: str) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    if is_long(text, language):
        minutes = max(1.0, estimate_s(text, language) / 60)
        message = (
            f"The narrative is long ({len(text)} characters, about {minutes:.1f} minutes); "
            "shorter notes or more slides hold attention better."
        )
        found.append(("text_too_long", message))
    other = other_language(parse(words).text, asked) if asked else None
    if other:
        message = (
            f"The words are in another language ({other}) than the one asked for ({asked}); they are spoken as "
            "they are, because no language model is set that could translate them."
        )
        found.append(("not_translated", message))
    return tuple(found)
