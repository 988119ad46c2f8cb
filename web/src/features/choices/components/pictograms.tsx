import type { ReactNode } from "react";

const CORNERS: Record<string, [number, number]> = {
  bottom_right: [42, 24],
  bottom_left: [14, 24],
  top_right: [42, 12],
  top_left: [14, 12],
};

/** A slide in small, with what stands on it. */
function Frame({ children }: { children?: ReactNode }) {
  return (
    <svg width="56" height="36" viewBox="0 0 56 36" fill="none">
      <rect x="1" y="1" width="54" height="34" rx="4" stroke="currentColor" strokeWidth="1.5" />
      {children}
    </svg>
  );
}

function Lines({ x = 8, width = 24 }: { x?: number; width?: number }) {
  return (
    <g stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" opacity="0.45">
      <path d={`M${x} 10h${width * 0.6}`} />
      <path d={`M${x} 17h${width}`} />
      <path d={`M${x} 24h${width * 0.8}`} />
    </g>
  );
}

/** Somebody: a head over shoulders, around the middle of a place. */
function Person({ x, y, scale = 1 }: { x: number; y: number; scale?: number }) {
  return (
    <g transform={`translate(${x} ${y}) scale(${scale})`} fill="currentColor">
      <circle cx="0" cy="-3" r="3.2" />
      <path d="M-6 7a6 6 0 0 1 12 0z" />
    </g>
  );
}

export function LayoutPicture({ layout }: { layout: string }) {
  switch (layout) {
    case "corner":
      return (
        <Frame>
          <Lines />
          <Person x={43} y={24} />
        </Frame>
      );
    case "beside":
      return (
        <Frame>
          <rect x="5.5" y="8.5" width="28" height="19" rx="2" stroke="currentColor" opacity="0.6" />
          <Person x={44} y={18} scale={1.2} />
        </Frame>
      );
    case "full":
      return (
        <Frame>
          <Person x={28} y={20} scale={2} />
        </Frame>
      );
    case "none":
      return (
        <Frame>
          <Lines width={38} />
        </Frame>
      );
    default:
      return (
        <Frame>
          <Lines />
          <path d="M43 9.5l1.9 5.1 5.1 1.9-5.1 1.9L43 23.5l-1.9-5.1-5.1-1.9 5.1-1.9z" fill="currentColor" />
        </Frame>
      );
  }
}

export function CornerPicture({ corner }: { corner: string }) {
  const place = CORNERS[corner];
  return <Frame>{place ? <Person x={place[0]} y={place[1]} scale={0.9} /> : <Spark />}</Frame>;
}

function Spark() {
  return <path d="M28 9l2.4 6.6 6.6 2.4-6.6 2.4L28 27l-2.4-6.6-6.6-2.4 6.6-2.4z" fill="currentColor" />;
}

const OUTLINES: Record<string, ReactNode> = {
  circle: <circle cx="28" cy="18" r="13" />,
  rounded: <rect x="15" y="5" width="26" height="26" rx="6" />,
  square: <rect x="15" y="5" width="26" height="26" />,
};

export function ShapePicture({ shape }: { shape: string }) {
  return (
    <svg width="56" height="36" viewBox="0 0 56 36" fill="none">
      <g stroke="currentColor" strokeWidth="1.5" fill="currentColor" fillOpacity="0.1">
        {OUTLINES[shape]}
      </g>
      <Person x={28} y={20} scale={shape === "cut_out" ? 1.9 : 1.3} />
    </svg>
  );
}
