/** What is being written for slides: kept by itself a moment after the last key, and never lost where that fails. */
import { create } from "zustand";
import { asRefusal, type Refusal } from "@/api/refusal";
import type { Narrative, Slide } from "@/api/types";
import { editNarrative } from "@/features/slides/api/narrative";

const AUTOSAVE_MS = 900;
const AGAIN_MS = 5_000;

export interface Draft {
  text: string;
  /** The version that was edited, 0 where there was none, and its words. */
  base: number;
  was: string;
  state: "waiting" | "saving" | "saved" | "refused";
  refusal: Refusal | null;
}

type Kept = (narrative: Narrative) => void;

/** Drafts by the slide's id. */
export const useDrafts = create<{ of: Record<string, Draft> }>(() => ({ of: {} }));

const timers = new Map<string, ReturnType<typeof setTimeout>>();
const listeners = new Map<string, Kept>();

/** As the server keeps words: without white space around them and at the ends of lines. */
function words(text: string): string {
  return text.trim().replace(/[^\S\n]+$/gm, "");
}

export function isChanged(draft: Draft | undefined): boolean {
  return draft !== undefined && draft.state !== "saved" && words(draft.text) !== draft.was;
}

/** Whether somebody else has changed the words meanwhile: then only the person can say which ones shall hold. */
function isOvertaken(draft: Draft): boolean {
  return draft.refusal?.code === "narrative_changed";
}

export function anyUnsaved(): boolean {
  return Object.values(useDrafts.getState().of).some(isChanged);
}

function draftOf(slideId: string): Draft | undefined {
  return useDrafts.getState().of[slideId];
}

function put(slideId: string, part: Partial<Draft>): void {
  const draft = draftOf(slideId);
  if (draft) useDrafts.setState(({ of }) => ({ of: { ...of, [slideId]: { ...draft, ...part } } }));
}

function keepIn(slideId: string, wait: number): void {
  clearTimeout(timers.get(slideId));
  timers.set(slideId, setTimeout(() => void keep(slideId), wait));
}

/** The words as they are being written; `kept` hears what the server made of them. */
export function write(slide: Slide, text: string, kept: Kept): void {
  const { id, narrative } = slide;
  const old = draftOf(id);
  const stands = old !== undefined && (old.state !== "saved" || old.base >= (narrative?.version ?? 0));
  const begun = { base: narrative?.version ?? 0, was: narrative?.text ?? "", refusal: null };
  const held = old !== undefined && (old.state === "saving" || isOvertaken(old));
  const draft: Draft = { ...(stands ? old : begun), text, state: held ? old.state : "waiting" };
  useDrafts.setState(({ of }) => ({ of: { ...of, [id]: draft } }));
  listeners.set(id, kept);
  keepIn(id, AUTOSAVE_MS);
}

/** Keep what was written now; one call at a time, and none where nothing has changed. */
export async function keep(slideId: string): Promise<void> {
  clearTimeout(timers.get(slideId));
  const draft = draftOf(slideId);
  if (draft === undefined || draft.state === "saving" || draft.state === "saved" || isOvertaken(draft)) return;
  if (words(draft.text) === draft.was) return put(slideId, { state: "saved", refusal: null });
  put(slideId, { state: "saving" });
  try {
    const narrative = await editNarrative(slideId, draft.text, draft.base, null);
    arrived(slideId, draft.text, narrative);
  } catch (error) {
    const refusal = asRefusal(error);
    put(slideId, { state: "refused", refusal });
    if (refusal.retryable) keepIn(slideId, AGAIN_MS);
  }
}

function arrived(slideId: string, sent: string, narrative: Narrative): void {
  listeners.get(slideId)?.(narrative);
  const ended = draftOf(slideId)?.text === sent;
  put(slideId, { base: narrative.version, was: narrative.text, state: ended ? "saved" : "waiting", refusal: null });
  if (!ended) keepIn(slideId, AUTOSAVE_MS);
}

/** Forget what was written: what the server holds is shown. */
export function drop(slideId: string): void {
  clearTimeout(timers.get(slideId));
  useDrafts.setState(({ of }) => ({ of: Object.fromEntries(Object.entries(of).filter(([id]) => id !== slideId)) }));
}

/** Keep what was written although somebody has written something else meanwhile: over this version of theirs. */
export function overwrite(slideId: string, theirs: Narrative | null): void {
  put(slideId, { base: theirs?.version ?? 0, was: theirs?.text ?? "", state: "waiting", refusal: null });
  void keep(slideId);
}

/** The person has left the words: kept now, and forgotten where they are. */
export function leave(slideId: string): void {
  void keep(slideId);
  if (draftOf(slideId)?.state === "saved") drop(slideId);
}
