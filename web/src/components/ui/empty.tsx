import type { ReactNode } from "react";

interface Props {
  icon: ReactNode;
  title: string;
  text: string;
  /** Where it is the whole page, its title is the page's. */
  page?: boolean;
  children?: ReactNode;
}

/** Where there is nothing yet: what could be here, and how it comes. */
export function Empty({ icon, title, text, page = false, children }: Props) {
  const Title = page ? "h1" : "h2";
  return (
    <div className="flex flex-col items-center px-6 py-16 text-center">
      <div className="mb-5 grid size-14 place-items-center rounded-2xl bg-accent-wash text-accent">{icon}</div>
      <Title className="text-lg font-semibold">{title}</Title>
      <p className="mt-1.5 max-w-md text-balance text-soft">{text}</p>
      {children && <div className="mt-6 flex flex-wrap justify-center gap-3">{children}</div>}
    </div>
  );
}
