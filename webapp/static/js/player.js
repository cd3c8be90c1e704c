// Runs on the content host, between a package and the platform: gives the package its API with what was kept of the
// attempt, and carries what it reports to the platform's one route for that. Nothing here is secret from the package.
const { standard, platform, reports, frameScript, frameStyle } = document.body.dataset;
const stage = document.getElementById("stage");
const session = Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join("");
const begun = Date.now();
const HEARTBEAT = 4 * 60 * 1000; // well before the token ends
const QUIET = 1200; // after a value was set, so that several travel together
let token = location.hash.slice(1);
let sequence = 0, timer = 0, busy = false, waiting = false, closed = false;
let read = () => ({});

const tell = (state, done = false) => parent.postMessage({ aula: "material", state, done }, platform);

function say(text) {
  const line = document.createElement("p");
  line.textContent = text;
  stage.replaceChildren(line);
}

async function ask(options = {}) {
  const answer = await fetch(reports, { ...options, credentials: "omit", headers: { "X-Aula-Token": token, ...options.headers } });
  const found = await answer.json();
  if (found.token) token = found.token;
  if (!answer.ok) throw new Error(found.error?.code ?? String(answer.status));
  return found;
}

async function send(ended = false) {
  clearTimeout(timer);
  timer = 0;
  if (closed) return;
  if (busy && !ended) {
    waiting = true;
    return;
  }
  busy = true;
  const report = { session, sequence: ++sequence, seconds: Math.round((Date.now() - begun) / 1000), ...read(), ended };
  try {
    const kept = await ask({
      method: "POST", keepalive: true, body: JSON.stringify(report), headers: { "Content-Type": "application/json" },
    });
    closed = kept.closed;
    tell("saved", kept.met);
  } catch {
    tell("failed");
  }
  busy = false;
  if (waiting) {
    waiting = false;
    await send();
  }
}

function soon() {
  timer ||= setTimeout(send, QUIET);
}

// "0001:02:03.4" of SCORM 1.2 or "P1DT2H3M4.5S" of 2004, in seconds.
function seconds(written) {
  const clock = /^(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(written ?? "");
  if (clock) return Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Math.round(Number(clock[3]));
  const span = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(written ?? "");
  if (!span) return undefined;
  const [days, hours, minutes, rest] = span.slice(1).map((part) => Number(part ?? 0));
  return days * 86400 + hours * 3600 + minutes * 60 + Math.round(rest);
}

const two = (number) => String(number).padStart(2, "0");
const clockOf = (total) => `${two(Math.floor(total / 3600))}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
const percent = (part, whole) => (Number.isFinite(part / whole) ? Math.max(0, Math.min(100, (part / whole) * 100)) : undefined);
const written = (value) => (value === "" || value === null || value === undefined ? NaN : Number(value));

function scoreOf(score) {
  const scaled = written(score.scaled);
  if (!Number.isNaN(scaled)) return percent(scaled, 1);
  const raw = written(score.raw), least = written(score.min) || 0, most = written(score.max) || 100;
  return Number.isNaN(raw) ? undefined : percent(raw - least, most - least);
}

const quietly = { autocommit: false, lmsCommitUrl: false, logLevel: 5 };

function play12(kept) {
  const api = new window.Scorm12API({ ...quietly, mastery_override: true });
  let time, status = kept.status12;
  api.loadFromJSON({
    core: {
      student_id: kept.learner, student_name: kept.name, lesson_location: kept.location, lesson_status: kept.status12,
      total_time: clockOf(kept.seconds), entry: kept.fresh ? "ab-initio" : "resume", credit: "credit",
      lesson_mode: kept.closed ? "review" : "normal", score: { raw: kept.score === null ? "" : String(kept.score) },
    },
    suspend_data: kept.suspend_data,
    launch_data: kept.launch_data,
    student_data: { mastery_score: kept.mastery === null ? "" : String(kept.mastery) },
  });
  api.on("LMSSetValue.cmi.core.session_time", (_element, value) => { time = value; });
  read = () => {
    const { core } = api.cmi;
    status = core.lesson_status;
    return {
      location: core.lesson_location, suspend_data: api.cmi.suspend_data, score: scoreOf(core.score),
      completion: { passed: "completed", completed: "completed", failed: "incomplete", incomplete: "incomplete" }[status],
      success: { passed: "passed", failed: "failed" }[status],
      seconds: seconds(time) || Math.round((Date.now() - begun) / 1000),
    };
  };
  api.on("LMSInitialize", () => send());
  api.on("LMSSetValue.cmi.*", soon);
  api.on("LMSCommit", soon);
  api.on("LMSFinish", () => send(true));
  window.API = api;
}

function play2004(kept) {
  const api = new window.Scorm2004API(quietly);
  let time;
  api.loadFromJSON({
    learner_id: kept.learner, learner_name: kept.name, location: kept.location, suspend_data: kept.suspend_data,
    completion_status: kept.completion, success_status: kept.success, launch_data: kept.launch_data, credit: "credit",
    entry: kept.fresh ? "ab-initio" : "resume", mode: kept.closed ? "review" : "normal", total_time: `PT${kept.seconds}S`,
    ...(kept.mastery === null ? {} : { scaled_passing_score: String(kept.mastery / 100) }),
    ...(kept.score === null ? {} : { score: { scaled: String(kept.score / 100), raw: String(kept.score) } }),
  });
  api.on("SetValue.cmi.session_time", (_element, value) => { time = value; });
  read = () => {
    const { cmi } = api;
    return {
      location: cmi.location, suspend_data: cmi.suspend_data, score: scoreOf(cmi.score), completion: cmi.completion_status,
      success: cmi.success_status, seconds: seconds(time) || Math.round((Date.now() - begun) / 1000),
    };
  };
  api.on("Initialize", () => send());
  api.on("SetValue.cmi.*", soon);
  api.on("Commit", soon);
  api.on("Terminate", () => send(true));
  window.API_1484_11 = api;
}

function open(kept) {
  const frame = document.createElement("iframe");
  frame.title = kept.title;
  frame.allow = "fullscreen; autoplay";
  frame.src = kept.launch;
  stage.replaceChildren(frame);
}

async function playH5P(kept) {
  const reported = {};
  read = () => ({ ...reported });
  await new window.H5PStandalone.H5P(stage, { h5pJsonPath: kept.launch, frameJs: frameScript, frameCss: frameStyle });
  window.H5P.externalDispatcher.on("xAPI", ({ data: { statement } }) => {
    const verb = String(statement.verb?.id).split("/").pop();
    const result = statement.result;
    if (!["completed", "answered", "passed", "failed"].includes(verb) || statement.context?.contextActivities?.parent?.length) return;
    reported.completion = "completed";
    const score = result?.score && scoreOf(result.score);
    if (score !== undefined) reported.score = score;
    if (result?.success === true || verb === "passed") reported.success = "passed";
    else if (result?.success === false || verb === "failed") reported.success ??= "failed";
    send();
  });
  await send();
}

async function begin() {
  const kept = await ask();
  closed = kept.closed;
  document.documentElement.lang = kept.language;
  if (standard === "h5p") await playH5P(kept);
  else {
    (standard === "scorm12" ? play12 : play2004)(kept);
    open(kept);
  }
  tell("opened", kept.met);
  setInterval(() => send(), HEARTBEAT);
}

addEventListener("pagehide", () => { if (timer) send(); });
begin().catch(() => {
  say("No se pudo abrir el material. Vuelve a cargar la página. · The material could not be opened. Reload the page.");
  tell("failed");
});
