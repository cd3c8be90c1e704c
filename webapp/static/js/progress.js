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
