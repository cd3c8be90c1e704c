// The lesson editor: saves by itself, shows the lesson while it is written, and inserts citations and pictures.
// Without this file the buttons «Guardar» and «Vista previa» do the same by turning the page.
const form = document.querySelector("[data-lesson]");
const text = form.querySelector("textarea[name=body]");
const base = form.querySelector("input[name=base]");
const said = document.querySelector("[data-said]");
const shown = document.querySelector("[data-shown]");
const words = form.dataset;
const PREVIEW_AFTER = 700;
const SAVE_AFTER = 2500;
const AGAIN_AFTER = 10000;

for (const part of form.querySelectorAll("[data-tools]")) part.hidden = false;
for (const part of form.querySelectorAll("[data-plain]")) part.hidden = true;

function hour(moment) {
  const shown = { timeZone: words.zone, hour: "numeric", minute: "2-digit", hourCycle: "h23" };
  return `${new Date(moment).toLocaleTimeString("es-MX", shown)} h`;
}

// A part of a page that the server made takes the place of what stood there; what it brings is never run.
function show(place, part) {
  place.replaceChildren(...new DOMParser().parseFromString(part, "text/html").body.childNodes);
}

// --- saving -------------------------------------------------------------------------------------------------------

let dirty = false;
let saving = false;
let stopped = false; // somebody else saved first: what follows is for a person to decide
let saveTimer, previewTimer;

function later() {
  if (stopped) return;
  dirty = true;
  said.textContent = words.waiting;
  clearTimeout(saveTimer);
  saveTimer = setTimeout(save, SAVE_AFTER);
  clearTimeout(previewTimer);
  previewTimer = setTimeout(preview, PREVIEW_AFTER);
}

async function save() {
  if (saving || stopped || !dirty) return;
  saving = true;
  dirty = false;
  said.textContent = words.saving;
  let answer, told;
  try {
    answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new FormData(form),
    });
    told = await answer.json();
  } catch {
    saving = false;
    dirty = true;
    said.textContent = words.offline;
    saveTimer = setTimeout(save, AGAIN_AFTER);
    return;
  }
  saving = false;
  if (answer.ok) {
    base.value = told.base;
    const other = told.other ? ` ${words.other.replace("{who}", told.other)}` : "";
    if (!dirty) said.textContent = words.saved.replace("{at}", hour(told.at)) + other;
    else saveTimer = setTimeout(save, SAVE_AFTER);
  } else if (told.conflict) {
    meet(told);
  } else {
    dirty = true;
    const why = told.fields ? Object.values(told.fields).flat().join(" ") : told.error;
    said.textContent = words.refused.replace("{why}", why ?? answer.status);
  }
}

// Somebody saved between two of our saves: nothing more is sent until the writer looked at both versions.
function meet(told) {
  stopped = true;
  dirty = true;
  const button = document.createElement("button");
  button.className = "button button--secondary";
  button.textContent = words.both;
  button.addEventListener("click", () => {
    leaving = true;
    form.requestSubmit();
  });
  said.classList.add("writing__conflict");
  said.replaceChildren(words.conflict.replace("{who}", told.who).replace("{at}", hour(told.at)), " ", button);
}

let leaving = false;
form.addEventListener("input", later);
form.addEventListener("submit", () => {
  leaving = true;
  clearTimeout(saveTimer);
});
addEventListener("online", save);
addEventListener("beforeunload", (event) => {
  if (dirty && !leaving) event.preventDefault();
});

// --- how it will look ---------------------------------------------------------------------------------------------

let asked = 0;
async function preview() {
  const own = ++asked;
  const body = new FormData(form);
  body.set("fragment", "1");
  try {
    const answer = await fetch(words.preview, { method: "POST", body });
    const told = await answer.json();
    if (answer.ok && own === asked) show(shown, told.html);
  } catch {
    // without a line the last preview stays; the state of saving says that there is none
  }
}

// --- inserting ----------------------------------------------------------------------------------------------------

// Through the editing commands of the browser, so that Ctrl+Z takes it back.
function insert(what) {
  text.focus();
  if (!document.execCommand("insertText", false, what)) {
    text.setRangeText(what, text.selectionStart, text.selectionEnd, "end");
    later();
  }
}

function atLineStart() {
  const before = text.value.slice(0, text.selectionStart);
  return before === "" || before.endsWith("\n");
}

form.addEventListener("click", (event) => {
  const tool = event.target.closest("[data-before]");
  if (!tool) return;
  const chosen = text.value.slice(text.selectionStart, text.selectionEnd);
  const start = "line" in tool.dataset && !atLineStart() ? "\n\n" : "";
  insert(start + tool.dataset.before + chosen + tool.dataset.after);
  if (!chosen && tool.dataset.after) {
    const place = text.selectionStart - tool.dataset.after.length;
    text.setSelectionRange(place, place);
  }
});

// --- citations ----------------------------------------------------------------------------------------------------

const citations = document.querySelector("[data-citations]");

async function fill(place, address) {
  const answer = await fetch(address);
  if (!answer.ok) return;
  show(place, (await answer.json()).html);
  for (const button of place.querySelectorAll("[data-cite]")) button.hidden = false;
}

document.querySelector("[data-dialog=citas]")?.addEventListener("click", async () => {
  if (!citations.childElementCount) await fill(citations, citations.dataset.citations);
  citations.querySelector("input[name=q]")?.focus();
});
citations?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const asked = new URLSearchParams(new FormData(event.target));
  await fill(citations, `${citations.dataset.citations}&${asked}`);
  citations.querySelector("input[name=q]")?.focus();
});
citations?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-cite]");
  if (!button) return;
  citations.closest("dialog").close();
  insert(`[@${button.dataset.cite}]`);
});

// --- pictures -----------------------------------------------------------------------------------------------------

const pictures = document.querySelector("[data-pictures]");

document.querySelector("[data-dialog=imagen]")?.addEventListener("click", async () => {
  const answer = await fetch(pictures.dataset.pictures);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const told = document.createElement("p");
  told.setAttribute("role", "alert");
  pictures.replaceChildren(told, page.querySelector("[data-picture]"));
  pictures.querySelector("select, input:not([type=hidden])")?.focus();
});
pictures?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch(event.target.action, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new FormData(event.target),
  });
  const told = await answer.json().catch(() => ({ errors: [String(answer.status)] }));
  if (told.line) {
    pictures.closest("dialog").close();
    insert(`${atLineStart() ? "" : "\n\n"}${told.line}\n`);
  } else {
    pictures.querySelector("[role=alert]").textContent = told.errors.join(" ");
  }
});
