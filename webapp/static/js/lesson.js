// What a lesson page adds to its HTML, in one file because a poor line pays for every request: citations that open in
// place, and the word to the server that somebody is reading.

// A citation chip is a link to its entry in the reference list. Here it opens the quoted text in place:
// after the paragraph (or inside the list item or cell) it stands in. Esc, the button or the chip itself close it.
const WORDS = document.documentElement.lang.startsWith("en")
  ? { close: "Close", source: "See in the references" }
  : { close: "Cerrar", source: "Ver en las referencias" };
let count = 0;

function quotedText(id) {
  const entry = document.getElementById(id);
  return entry ? [...entry.querySelectorAll("blockquote, .references__norm")] : [];
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function open(chip, parts) {
  const id = `nota-cita-${++count}`;
  const close = element("button", { type: "button", class: "button button--quiet" }, WORDS.close);
  const source = element("a", { href: chip.getAttribute("href") }, WORDS.source);
  const note = element(
    "div",
    { class: "cite-note", id, role: "group", "aria-label": chip.textContent.trim(), tabindex: "-1" },
    ...parts.map((part) => part.cloneNode(true)),
    element("p", { class: "actions" }, close, source),
  );
  const host = chip.closest("p, li, td, dd, blockquote, figcaption, summary") ?? chip;
  if (host.matches("li, td, dd, figcaption")) host.append(note);
  else host.after(note);
  chip.setAttribute("aria-expanded", "true");
  chip.setAttribute("aria-controls", id);
  close.addEventListener("click", () => shut(chip));
  source.addEventListener("click", () => {
    const details = document.getElementById(chip.dataset.cite)?.querySelector("details");
    if (details) details.open = true;
  });
  note.addEventListener("keydown", (event) => event.key === "Escape" && shut(chip));
  note.focus({ preventScroll: true });
  note.scrollIntoView({ block: "nearest" });
}

function shut(chip) {
  document.getElementById(chip.getAttribute("aria-controls"))?.remove();
  chip.setAttribute("aria-expanded", "false");
  chip.removeAttribute("aria-controls");
  chip.focus();
}

for (const chip of document.querySelectorAll("a.cite[data-cite]")) {
  const parts = quotedText(chip.dataset.cite);
  if (!parts.length) continue; // without a text to show, the link stays a link
  chip.setAttribute("role", "button");
  chip.setAttribute("aria-expanded", "false");
  chip.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (chip.getAttribute("aria-expanded") === "true") shut(chip);
    else open(chip, parts);
  });
  chip.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault(); // a role of button promises the space bar
      chip.click();
    } else if (event.key === "Escape" && chip.getAttribute("aria-expanded") === "true") shut(chip);
  });
}

// Tells the server that a lesson is being read, and for how long. Without it nothing is lost but the minutes:
// a lesson is done when the reader presses "Siguiente".
const article = document.querySelector("[data-progress-url]");
let since = performance.now();

function tell() {
  const seconds = Math.round((performance.now() - since) / 1000);
  since = performance.now();
  const body = new URLSearchParams({ seconds, csrf_token: article.dataset.token });
  navigator.sendBeacon(article.dataset.progressUrl, body);
}

if (article) {
  tell();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") tell();
    else since = performance.now();
  });
}
