// Each cell is saved as soon as it is left. What could not be sent waits and goes when the line is back; the button of the
// form does the same without scripts.
const form = document.querySelector("[data-row-form]");
const said = form?.querySelector("[data-row-saved]");
const waiting = new Map();
let sending = false;

function tell(text, kind) {
  said.textContent = text;
  said.className = `saved saved--${kind}`;
}

async function send() {
  if (sending || !waiting.size) return;
  sending = true;
  const cells = new Map(waiting);
  const body = new URLSearchParams({ hoja: form.elements.hoja.value, fila: form.elements.fila.value });
  for (const [name, text] of cells) body.set(name, text);
  try {
    const headers = { Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value };
    const answer = await fetch(form.action, { method: "POST", body, headers });
    const told = await answer.json();
    for (const [name, text] of cells) if (waiting.get(name) === text) waiting.delete(name);
    if (answer.ok) {
      const hour = new Date(told.saved_at).toLocaleTimeString("es-MX", { hour12: false });
      if (!waiting.size) tell(said.dataset.saved.replace("%s", hour), "ok");
    } else {
      tell(told.error.message, "waiting");
    }
  } catch {
    tell(said.dataset.waiting, "waiting");
    setTimeout(send, 4000);
    return;
  } finally {
    sending = false;
  }
  send();
}

form?.addEventListener("change", (event) => {
  if (!event.target.name?.startsWith("celda.")) return;
  waiting.set(event.target.name, event.target.value);
  tell(said.dataset.saving, "now");
  send();
});
window.addEventListener("online", send);
window.addEventListener("beforeunload", (event) => {
  if (waiting.size) event.preventDefault();
});
form?.addEventListener("submit", () => waiting.clear());
