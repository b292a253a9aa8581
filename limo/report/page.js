(() => {
  "use strict";
  const KEY = "limo-report-theme";
  const radios = [...document.querySelectorAll("input[name=theme]")];
  // A browser may refuse storage altogether, as for a file opened from disk: then a choice lasts until the page closes.
  const attempt = (action) => {
    try {
      return action();
    } catch {
      return null;
    }
  };
  const stored = attempt(() => localStorage.getItem(KEY));
  const chosen = radios.find((radio) => radio.value === stored);
  if (chosen) chosen.checked = true;
  for (const radio of radios) {
    radio.addEventListener("change", () => attempt(() => localStorage.setItem(KEY, radio.value)));
  }
  // Paper cannot be opened: everything that is closed goes to print too.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });
})();
