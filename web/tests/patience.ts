/** A busy machine is slow, and that is no failure: import this first. */
import { configure } from "@testing-library/react";
import { vi } from "vitest";

configure({ asyncUtilTimeout: 30_000 });
vi.setConfig({ testTimeout: 120_000 });
