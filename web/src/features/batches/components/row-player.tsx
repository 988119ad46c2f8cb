interface Props {
  playable: { url: string; video: boolean };
  label: string;
}

/** What was made of a slide, played in its row. */
export function RowPlayer({ playable, label }: Props) {
  return (
    <div className="basis-full">
      {playable.video ? (
        <video
          controls
          autoPlay
          playsInline
          src={playable.url}
          aria-label={label}
          className="aspect-video w-full rounded-xl bg-sunk"
        />
      ) : (
        <audio controls autoPlay src={playable.url} aria-label={label} className="w-full" />
      )}
    </div>
  );
}
