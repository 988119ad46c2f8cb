import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { Boundary } from "@/app/boundary";
import { makeQueries } from "@/app/queries";
import { Routes } from "@/app/routes";
import { ServerGone } from "@/app/server-gone";
import { Toasts } from "@/components/ui/toast";

export function App() {
  const [queries] = useState(makeQueries);
  return (
    <QueryClientProvider client={queries}>
      <Boundary>
        <Routes />
      </Boundary>
      <ServerGone />
      <Toasts />
    </QueryClientProvider>
  );
}
