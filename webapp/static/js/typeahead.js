// Upgrades <input data-typeahead-url="/…" data-typeahead-for="id of the partner"> to an ARIA combobox.
// The address answers ?q=text with [{id, label, detail}]. The id chosen is written to the partner: a hidden input, or a
// select, which is the way without scripts and is hidden here together with its field. Typing again empties the partner.
const WORDS = document.documentElement.lang.startsWith("en")
  ? { none: "No matches", some: (n) => `${n} results, use the arrows`, failed: "The search is not answering; try again" }
  : { none: "Sin coincidencias", some: (n) => `${n} resultados, usa las flechas`, failed: "La búsqueda no responde; inténtalo otra vez" };
const WAIT = 200; // milliseconds of silence before asking

for (const input of document.querySelectorAll("input[data-typeahead-url]")) upgrade(input);

function upgrade(input) {
  const partner = document.getElementById(input.dataset.typeaheadFor);
  if (!partner) return;
  const list = Object.assign(document.createElement("ul"), { className: "typeahead__list", id: `${input.id}-opciones`, hidden: true });
  const status = Object.assign(document.createElement("p"), { className: "visually-hidden" });
  const box = Object.assign(document.createElement("div"), { className: "typeahead" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels?.[0]?.textContent.trim() ?? "");
  status.setAttribute("role", "status");
  const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocomplete: "off" };
  for (const [key, value] of Object.entries(attributes)) input.setAttribute(key, value);
  revealInstead(input, partner);
  input.before(box);
  box.append(input, list, status);

  let [found, active, timer, request] = [[], -1, 0, null];

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function show(items) {
    found = items;
    list.replaceChildren(...items.map((item, index) => option(item, `${list.id}-${index}`)));
    status.textContent = items.length ? WORDS.some(items.length) : WORDS.none;
    active = -1;
    list.hidden = !items.length;
    input.setAttribute("aria-expanded", String(items.length > 0));
  }

  function mark(index) {
    active = (index + found.length) % found.length;
    [...list.children].forEach((child, at) => child.setAttribute("aria-selected", String(at === active)));
    input.setAttribute("aria-activedescendant", list.children[active].id);
    list.children[active].scrollIntoView({ block: "nearest" });
  }

  function choose(index) {
    input.value = found[index].label;
    write(partner, found[index]);
    status.textContent = found[index].label;
    close();
  }

  async function ask() {
    request?.abort();
    const text = input.value.trim();
    if (text.length < 2) return close();
    request = new AbortController();
    const address = new URL(input.dataset.typeaheadUrl, location.href);
    address.searchParams.set("q", text);
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: request.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.json());
    } catch (error) {
      if (error.name === "AbortError") return; // a newer question is on its way
      close();
      status.textContent = WORDS.failed;
    }
  }

  input.addEventListener("input", () => {
    write(partner, null);
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) {
      if (event.key === "ArrowDown" && found.length) show(found);
      return;
    }
    if (event.key === "ArrowDown") mark(active + 1);
    else if (event.key === "ArrowUp") mark(active < 0 ? found.length - 1 : active - 1);
    else if (event.key === "Enter" && active >= 0) choose(active);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus in the input
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) choose([...list.children].indexOf(chosen));
  });
}

function option(item, id) {
  const row = Object.assign(document.createElement("li"), { className: "typeahead__option", id, textContent: item.label });
  row.setAttribute("role", "option");
  row.setAttribute("aria-selected", "false");
  if (item.detail) row.append(Object.assign(document.createElement("span"), { className: "typeahead__detail", textContent: item.detail }));
  return row;
}

/** The text input may wait hidden for this script; the select that serves without it then makes room. */
function revealInstead(input, partner) {
  input.closest("[hidden]")?.removeAttribute("hidden");
  if (!(partner instanceof HTMLSelectElement)) return;
  const chosen = partner.selectedOptions[0];
  if (chosen?.value && !input.value) input.value = chosen.text;
  (partner.closest(".field") ?? partner).hidden = true;
}

function write(partner, item) {
  const id = item ? String(item.id) : "";
  if (partner instanceof HTMLSelectElement && ![...partner.options].some((known) => known.value === id)) {
    partner.append(new Option(item?.label ?? "", id));
  }
  partner.value = id;
  partner.dispatchEvent(new Event("change", { bubbles: true }));
}
