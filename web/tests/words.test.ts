import { describe, expect, it } from "vitest";
import { translate } from "@/lib/i18n";
import { clock, roughly } from "@/lib/format";
import { de } from "@/lib/words/de";
import { en, type Catalogue } from "@/lib/words/en";

const names = (entry: Catalogue[keyof Catalogue]) => {
  const forms = typeof entry === "string" ? [entry] : [entry.one, entry.other];
  return [...new Set(forms.join(" ").match(/\{\w+\}/g) ?? [])].filter((name) => name !== "{count}").sort();
};

describe("the catalogues", () => {
  it("have the same keys, filled in with the same names", () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
    for (const key of Object.keys(en) as (keyof typeof en)[]) expect([key, names(de[key])]).toEqual([key, names(en[key])]);
  });
  it("choose singular and plural", () => {
    expect(translate({ language: "de", catalogue: de }, "slides.count", { count: 1 })).toBe("1 Folie");
    expect(translate({ language: "de", catalogue: de }, "slides.count", { count: 0 })).toBe("0 Folien");
    expect(translate({ language: "en", catalogue: en }, "slides.count", { count: 1200 })).toBe("1,200 slides");
  });
});

describe("lengths of time", () => {
  it("are written as clocks", () => {
    expect([0, 75, 3675].map(clock)).toEqual(["0:00", "1:15", "1:01:15"]);
  });
  it("are rounded as people say them", () => {
    expect(roughly(2)).toEqual({ unit: "seconds", count: 5 });
    expect(roughly(121)).toEqual({ unit: "minutes", count: 3 });
    expect(roughly(9000)).toEqual({ unit: "hours", count: 2.5 });
  });
});
