import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Resolve } from "@/features/batches/components/resolve";
import { useT } from "@/lib/i18n";

interface Props {
  presentationId: string;
  avatarVideoId: string;
  place: number;
}

/** Opens the question what became of a paid call whose answer was lost. */
export function SettleButton({ presentationId, avatarVideoId, place }: Props) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button size="small" className="self-center" onClick={() => setAsking(true)}>
        {t("settle.do")}
      </Button>
      {asking && (
        <Resolve presentationId={presentationId} avatarVideoId={avatarVideoId} place={place} onClose={() => setAsking(false)} />
      )}
    </>
  );
}
