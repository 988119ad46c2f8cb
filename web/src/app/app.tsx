import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { Toaster } from "sonner";
import { Boundary } from "@/app/boundary";
import { makeQueries } from "@/app/queries";
import { Routes } from "@/app/routes";
import { useTheme } from "@/lib/theme";

export function App() {
  const [queries] = useState(makeQueries);
  const theme = useTheme((state) => state.theme);
  return (
    <QueryClientProvider client={queries}>
      <Boundary>
        <Routes />
      </Boundary>
      <Toaster theme={theme} position="bottom-right" toastOptions={{ duration: 6000 }} />
    </QueryClientProvider>
  );
}
