import { Compass } from "lucide-react";
import { buttonClass } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { Link } from "@/components/ui/link";
import { useT } from "@/lib/i18n";

export function NotFound() {
  const t = useT();
  return (
    <Empty page icon={<Compass size={28} aria-hidden />} title={t("notFound.title")} text={t("notFound.text")}>
      <Link to="/" className={buttonClass("primary")}>
        {t("nav.presentations")}
      </Link>
    </Empty>
  );
}
