// A quiz that never loses an answer. Each change is put into a queue in the browser's own storage and sent at once;
// the queue survives a dropped line, a closed tab and an ended session. A repeated delivery is harmless, because each
// answer carries a key of its own.

const form = document.getElementById("quiz");
const status = document.querySelector("[data-saved]");
const words = form.dataset;
const QUEUE = `aula.quiz.${words.quiz}`;
const RETRY = [1000, 2000, 5000, 10000, 30000];

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// --- the queue ----------------------------------------------------------------------------------------------

const readQueue = () => {
  try { return JSON.parse(localStorage.getItem(QUEUE)) || []; } catch { return []; }
};
let waiting = readQueue();
const keep = () => {
  try {
    if (waiting.length) localStorage.setItem(QUEUE, JSON.stringify(waiting));
    else localStorage.removeItem(QUEUE);
  } catch { /* storage is full or forbidden: the queue lives as long as the page */ }
};

const newKey = () => [...crypto.getRandomValues(new Uint8Array(15))].map((n) => n.toString(16).padStart(2, "0")).join("");

function say(kind, text, link) {
  status.className = kind ? `saved saved--${kind}` : "saved";
  status.textContent = text;
  if (link) {
    const a = document.createElement("a");
    a.href = `/entrar?next=${encodeURIComponent(location.pathname)}`;
    a.textContent = link;
    status.append(" ", a);
  }
}

function answerOf(question) {
  const fields = [];
  for (const input of question.elements) {
    if (!input.name || ((input.type === "radio" || input.type === "checkbox") && !input.checked)) continue;
    fields.push([input.name, input.value]);
  }
  return fields;
}

function enqueue(question) {
  const name = question.dataset.question;
  waiting = waiting.filter((item) => item.question !== name || item.sending);
  waiting.push({ question: name, key: newKey(), fields: answerOf(question) });
  keep();
  send();
}

let sending = false;
let failures = 0;
let timer = 0;

async function send() {
  if (sending || !waiting.length) return;
  sending = true;
  clearTimeout(timer);
  const item = waiting[0];
  item.sending = true;
  say("", words.textSaving);
  const body = new URLSearchParams(item.fields);
  body.set("question", item.question);
  body.set("client_key", item.key);
  try {
    const answer = await fetch(words.save, {
      method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value },
    });
    await settle(answer, item);
  } catch {
    later();
  }
  item.sending = false;
  sending = false;
  if (waiting.length && !timer) send();
}

async function settle(answer, item) {
  failures = 0;
  timer = 0;
  if (answer.ok) {
    const { saved_at: savedAt } = await answer.json();
    drop(item);
    const hour = new Date(savedAt).toLocaleTimeString("es-MX", { hour12: false });
    if (!waiting.length) say("ok", fill(words.textSaved, { hour }));
  } else if (answer.status === 401 || answer.status === 400) {
    say("waiting", words.textExpired, words.textEnter);
    timer = -1; // nothing more is sent from this page; the next one sends what waits
  } else if (answer.status === 409) {
    drop(item);
    location.reload(); // handed in from another window
  } else if (answer.status === 422) {
    const { error } = await answer.json();
    drop(item);
    say("waiting", fill(words.textRefused, { cause: error.message }));
  } else if (answer.status === 404) {
    drop(item);
  } else {
    later();
  }
}

function drop(item) {
  waiting = waiting.filter((other) => other.key !== item.key);
  keep();
}

function later() {
  say("waiting", fill(words.textOffline, { count: waiting.length }));
  timer = setTimeout(() => { timer = 0; send(); }, RETRY[Math.min(failures, RETRY.length - 1)]);
  failures += 1;
}

window.addEventListener("online", () => { if (timer > 0) { clearTimeout(timer); timer = 0; send(); } });

// --- changes ------------------------------------------------------------------------------------------------

const questions = [...form.querySelectorAll("[data-question]")];
const typing = new Map();

form.addEventListener("change", (event) => {
  const question = event.target.closest("[data-question]");
  if (!question) return;
  clearTimeout(typing.get(question));
  typing.delete(question);
  enqueue(question);
  paint();
});
form.addEventListener("input", (event) => {
  const question = event.target.closest("[data-question]");
  if (!question || !event.target.matches("input:not([type=radio]):not([type=checkbox])")) return;
  clearTimeout(typing.get(question));
  typing.set(question, setTimeout(() => { typing.delete(question); enqueue(question); paint(); }, 800));
});
form.addEventListener("submit", (event) => {
  if (!navigator.onLine) { // the browser would leave for its own error page, with the answers
    event.preventDefault();
    later();
    return;
  }
  // The form holds every answer, so what waits here is in it as well.
  waiting = [];
  keep();
});

// --- one question at a time ---------------------------------------------------------------------------------

const SINGLE = "aula.quiz.single";
const handIn = form.querySelector("[data-hand-in]");
let current = 0;
let single = true;
try { single = localStorage.getItem(SINGLE) !== "0"; } catch { /* the default */ }

const dots = document.createElement("ol");
dots.className = "dots";
questions.forEach((question, index) => {
  const line = document.createElement("li");
  const dot = document.createElement("a");
  dot.className = "dots__dot";
  dot.href = `#${question.id}`;
  dot.textContent = index + 1;
  dot.addEventListener("click", (event) => {
    if (!single) return;
    event.preventDefault();
    go(index, true);
  });
  line.append(dot);
  dots.append(line);
});

const makeButton = (text, kind, act) => {
  const found = document.createElement("button");
  found.type = "button";
  found.className = `button button--${kind}`;
  found.textContent = text;
  found.addEventListener("click", act);
  return found;
};
const walk = document.createElement("p");
walk.className = "actions";
const back = makeButton(words.textPrevious, "secondary", () => go(current - 1, true));
const next = makeButton(words.textNext, "primary", () => go(current + 1, true));
const toggle = makeButton("", "quiet", () => {
  single = !single;
  try { localStorage.setItem(SINGLE, single ? "1" : "0"); } catch { /* only for this page */ }
  paint();
});
walk.append(back, next, toggle);
form.querySelector("[data-save-all]").hidden = true;
questions[0].before(dots);
handIn.before(walk);

const isAnswered = (question) => answerOf(question).some(([, value]) => value.trim() !== "");

function paint() {
  questions.forEach((question, index) => {
    question.hidden = single && index !== current;
    const dot = dots.children[index].firstChild;
    const answered = isAnswered(question);
    dot.classList.toggle("dots__dot--answered", answered);
    const label = fill(words.textQuestion, { number: index + 1, total: questions.length });
    dot.setAttribute("aria-label", answered ? `${label}, ${words.textAnswered}` : label);
    if (single && index === current) dot.setAttribute("aria-current", "step");
    else dot.removeAttribute("aria-current");
  });
  back.hidden = !single || current === 0;
  next.hidden = !single || current === questions.length - 1;
  handIn.hidden = single && current !== questions.length - 1;
  toggle.textContent = single ? words.textAll : words.textOne;
}

function go(index, move) {
  current = Math.max(0, Math.min(questions.length - 1, index));
  paint();
  if (!move) return;
  const question = questions[current];
  question.tabIndex = -1;
  question.focus({ preventScroll: true });
  question.scrollIntoView({ block: "start" });
}

// --- ordering: move a line up or down -------------------------------------------------------------------------

for (const list of form.querySelectorAll("[data-order]")) {
  const places = [...list.querySelectorAll("select")];
  if (places.every((place) => place.value)) {
    [...list.children].sort((a, b) => a.querySelector("select").value - b.querySelector("select").value)
      .forEach((item) => list.append(item));
  }
  const renumber = () => {
    [...list.children].forEach((item, index) => { item.querySelector("select").value = String(index + 1); });
    list.dispatchEvent(new Event("change", { bubbles: true }));
  };
  for (const item of list.children) {
    const name = item.querySelector("label").textContent.trim();
    const moves = document.createElement("span");
    moves.className = "order__moves";
    for (const [text, step] of [[words.textUp, -1], [words.textDown, 1]]) {
      const move = makeButton(text, "secondary", () => {
        const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
        if (other) (step < 0 ? other.before(item) : other.after(item));
        renumber();
        move.focus();
      });
      move.setAttribute("aria-label", `${text}: ${name}`);
      moves.append(move);
    }
    item.querySelector("select").hidden = true;
    item.append(moves);
  }
}

const wanted = questions.findIndex((question) => `#${question.id}` === location.hash);
go(wanted >= 0 ? wanted : Math.max(0, questions.findIndex((question) => !isAnswered(question))), false);
send();
