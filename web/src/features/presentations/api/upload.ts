import { Refusal } from "@/api/refusal";
import type { Presentation, Problem } from "@/api/types";

export interface Upload {
  done: Promise<Presentation>;
  cancel: () => void;
}

/** Send a deck; `progress` hears the share that has gone out. XMLHttpRequest, because fetch tells nothing of that. */
export function upload(file: File, path: string, method: "POST" | "PUT", progress: (share: number) => void): Upload {
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append("file", file);
  const done = new Promise<Presentation>((resolve, reject) => {
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status < 300) resolve(body as Presentation);
      else reject(new Refusal(body as Partial<Problem>, request.status));
    };
    request.onerror = () => reject(new Refusal({ code: "unreachable", detail: "" }));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
  });
  request.open(method, path);
  request.send(form);
  return { done, cancel: () => request.abort() };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
