// Sugar only: everything works without. j and k walk through a list marked data-walk, Enter opens what is in focus.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const step = { j: 1, k: -1 }[event.key];
  if (event.key === "/") {
    const search = document.querySelector("input[type=search]");
    if (search) { search.focus(); event.preventDefault(); }
  }
  if (!step) return;
  const items = [...document.querySelectorAll("[data-walk] [data-item]")];
  if (!items.length) return;
  const place = items.indexOf(document.activeElement.closest("[data-item]"));
  const next = items[Math.min(Math.max(place + step, 0), items.length - 1)];
  (next.querySelector("a, button") || next).focus();
  next.scrollIntoView({ block: "nearest" });
});
