// Before the first paint: the theme that was chosen here, else the one that the system prefers.
try {
  const theme = localStorage.getItem("deckcast.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off: the system's preference holds.
}
