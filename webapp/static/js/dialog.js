// A link with data-dialog="id" opens the <dialog> with that id here instead of going to the page that does the same.
// Esc and the button "Cerrar" (a form with method="dialog") are the browser's; it also gives the focus back.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (!dialog || typeof dialog.showModal !== "function") return;
  event.preventDefault();
  dialog.showModal();
});
