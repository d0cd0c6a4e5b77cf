// Runs before the first paint, so that the page never flashes in the wrong theme.
(() => {
  const root = document.documentElement;
  const stored = () => {
    try { return localStorage.getItem("theme"); } catch { return null; }
  };
  const apply = (choice) => {
    if (choice === "light" || choice === "dark") root.dataset.theme = choice;
    else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-set]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === (choice || "system")));
    }
  };
  root.dataset.js = "";
  apply(stored());
  document.addEventListener("DOMContentLoaded", () => apply(stored()));
  // Another tab may have changed it.
  window.addEventListener("storage", (event) => { if (event.key === "theme") apply(event.newValue); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-theme-set]");
    if (!button) return;
    const choice = button.dataset.themeSet;
    try {
      if (choice === "system") localStorage.removeItem("theme");
      else localStorage.setItem("theme", choice);
    } catch { /* Without storage the choice lasts as long as the page. */ }
    apply(choice);
  });
})();
