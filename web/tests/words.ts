import { beforeAll } from "vitest";
import { speak } from "@/lib/i18n";

beforeAll(() => speak("en"));
