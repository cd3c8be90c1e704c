// Opens the page again once the check behind it is done.
const bar = document.querySelector("[data-waiting-url]");

async function ask() {
  try {
    const answer = await fetch(bar.dataset.waitingUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok || (await answer.json()).state !== "waiting") {
      location.reload();
      return;
    }
  } catch {
    // no line: ask again
  }
  setTimeout(ask, 1500);
}

if (bar) setTimeout(ask, 1000);
