/** The API's shapes by their own names, and the messages of the socket, which OpenAPI cannot describe. */
import type { components } from "@/api/schema.gen";

type Schemas = components["schemas"];

export type Presentation = Schemas["Presentation"];
export type ListedPresentation = Schemas["ListedPresentation"];
export type Slide = Schemas["Slide"];
export type Narrative = Schemas["Narrative"];
export type Choices = Schemas["Choices"];
export type PresentationChanges = Schemas["PresentationChanges"];
export type Film = Schemas["Film"];
/** The client reads pairs as lists. */
export type KindEstimate = Omit<Schemas["KindEstimate"], "timeS"> & { timeS?: number[] | null };
export type Estimate = Omit<Schemas["Estimate"], "timeS" | "kinds"> & { timeS?: number[] | null };
export type BatchKind = Schemas["BatchKind"];
export type BatchDetail = Schemas["BatchDetail"];
export type BatchRequest = Schemas["BatchAvatarVideoRequest"];
export type BatchStatus = Schemas["BatchStatus"];
export type SlideStatus = Schemas["SlideStatus"];
export type PresentationState = Schemas["PresentationState"];
export type Snapshot = Schemas["StatusSnapshot"];
export type Me = Schemas["Me"];
export type Provider = Schemas["Provider"];
export type Avatar = Schemas["Avatar"];
export type Voice = Schemas["Voice"];
export type AvatarVideo = Schemas["AvatarVideo"];
export type Problem = Schemas["Problem"];

export interface LiveEvent {
  seq: number;
  kind: string;
  batchId?: string;
  slideId?: string;
}

export interface SnapshotMessage extends Snapshot {
  type: "snapshot";
}

export interface ChangeMessage {
  type: "change";
  since: number;
  seq: number;
  whole: boolean;
  events: LiveEvent[];
  presentation: PresentationState | null;
  batches: BatchStatus[];
  slides: SlideStatus[];
}

export interface ProgressMessage {
  type: "progress";
  seq: number;
  batches: BatchStatus[];
}

export type LiveMessage = SnapshotMessage | ChangeMessage | ProgressMessage;
