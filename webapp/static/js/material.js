// The page of an interactive package: what the player on the content host says is shown, once its origin was looked at.
const frame = document.querySelector("[data-material]");
const line = document.querySelector("[data-material-said]");
const PAUSE = 2000;
let last = 0, later = 0;

async function refresh() {
  last = Date.now();
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["estado", "despues"]) {
    const fresh = page.getElementById(id), shown = document.getElementById(id);
    if (fresh && shown) shown.replaceWith(document.adoptNode(fresh));
  }
}

addEventListener("message", ({ origin, source, data }) => {
  if (!frame || origin !== frame.dataset.material || source !== frame.contentWindow) return;
  if (data?.aula !== "material" || !["opened", "saved", "failed"].includes(data.state)) return;
  line.textContent = data.state === "failed" ? line.dataset.failed : data.state === "saved" ? line.dataset.saved : "";
  if (data.state !== "saved") return;
  clearTimeout(later);
  later = setTimeout(refresh, Math.max(0, last + PAUSE - Date.now()));
});
