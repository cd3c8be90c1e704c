// A code is sent as soon as its six digits are there, typed, pasted or filled in by the phone. It works once, so it is
// sent once: whoever presses Enter as well must not spend it a second time while the first answer is on its way.
for (const form of document.querySelectorAll("[data-code-form]")) {
  const input = form.querySelector("input[name=code]");
  let sent = "";
  let underWay = false;
  input.addEventListener("input", () => {
    const digits = input.value.replace(/\D/g, "");
    if (digits.length === 6 && digits !== sent) {
      sent = digits;
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", (event) => {
    if (underWay) event.preventDefault();
    underWay = true;
  });
  window.addEventListener("pageshow", () => { underWay = false; });
}
