import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app/app";
import { preferred, speak } from "@/lib/i18n";
import "@/app/styles.css";

const root = document.getElementById("root");
if (root !== null) {
  void speak(preferred()).finally(() =>
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    ),
  );
}
