import { useEffect, useRef, useState } from "react";

/** Takes files that are dropped anywhere on the page. Says whether some are held over it. */
export function useFileDrop(onFiles: (files: File[]) => void): boolean {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const take = useRef(onFiles);
  take.current = onFiles;
  useEffect(() => {
    const isFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    function at(change: number) {
      depth.current = Math.max(0, depth.current + change);
      setOver(depth.current > 0);
    }
    const heard = {
      dragenter: (event: DragEvent) => isFile(event) && at(1),
      dragleave: (event: DragEvent) => isFile(event) && at(-1),
      dragover: (event: DragEvent) => isFile(event) && event.preventDefault(),
      drop: (event: DragEvent) => {
        if (!isFile(event)) return;
        event.preventDefault();
        at(-depth.current);
        take.current([...(event.dataTransfer?.files ?? [])]);
      },
    };
    for (const [name, hear] of Object.entries(heard)) window.addEventListener(name, hear as EventListener);
    return () => {
      for (const [name, hear] of Object.entries(heard)) window.removeEventListener(name, hear as EventListener);
    };
  }, []);
  return over;
}
