import { api, content } from "@/api/client";
import { Refusal } from "@/api/refusal";
import { startForSlide } from "@/features/batches/api/start";

const LOOK_EVERY_MS = 1_000;
const LOOKS = 120;

/** The sample deck, read, with one slide's video ordered from Deckcast's own presenter. */
export async function makeSample(left: AbortSignal): Promise<{ presentationId: string; batchId: string }> {
  const { id } = await content(api.POST("/api/presentations/sample"));
  for (let look = 0; look < LOOKS && !left.aborted; look += 1) {
    const shown = await content(
      api.GET("/api/presentations/{presentation_id}", { params: { path: { presentation_id: id } } }),
    );
    if (shown.error) throw new Refusal({ code: shown.error.code, detail: shown.error.message });
    const slide = shown.slides.find((each) => each.included);
    if (shown.state === "ready" && slide) {
      const { batchId } = await startForSlide(slide.id, "all_avatar_videos_generation", false, { provider: "local" });
      return { presentationId: id, batchId };
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Refusal({ code: "presentation_not_ready" });
}
