// Light and dark. Colours stand in page.css alone; charts ask for them by name when they draw.
//   squallPage.colour("--blue")       its present value
//   squallPage.faint("--blue", 0.2)   the same with that opacity
//   squallPage.charts                 every chart of the page; drawn again when the theme changes
//   squallPage.themeButton(button)    makes a button switch between light and dark
"use strict";
(function (page) {
  const charts = (page.charts = new Set());
  const root = document.documentElement;
  const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

  page.isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches);
  page.colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  page.faint = (name, opacity) => {
    const hex = page.colour(name).replace("#", "");
    const part = (at) => parseInt(hex.slice(at, at + 2), 16);
    return `rgba(${part(0)}, ${part(2)}, ${part(4)}, ${opacity})`;
  };

  // On paper a page is light whatever the screen is.
  let printing = false;
  function retheme() {
    Chart.defaults.color = page.colour("--soft");
    Chart.defaults.borderColor = page.colour("--line");
    for (const chart of charts) chart.retheme();
  }
  page.retheme = retheme;

  page.themeButton = (button) => {
    const tell = () => {
      button.setAttribute("aria-pressed", String(page.isDark()));
      button.textContent = page.isDark() ? "Light" : "Dark";
    };
    button.addEventListener("click", () => {
      root.dataset.theme = page.isDark() ? "light" : "dark";
      tell();
      retheme();
    });
    prefersDark.addEventListener("change", () => {
      tell();
      retheme();
    });
    tell();
  };

  window.addEventListener("beforeprint", () => {
    printing = root.dataset.theme || "auto";
    root.dataset.theme = "light";
    retheme();
  });
  window.addEventListener("afterprint", () => {
    if (printing === "auto") delete root.dataset.theme;
    else if (printing) root.dataset.theme = printing;
    printing = false;
    retheme();
  });

  Chart.defaults.font.family = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
  Chart.defaults.font.size = 12;
  Chart.defaults.animation = false;
  Chart.defaults.color = page.colour("--soft");
  Chart.defaults.borderColor = page.colour("--line");
})(window.squallPage);
