// A file dropped on the zone is as if it had been chosen. Without scripts the field takes it by itself.
for (const zone of document.querySelectorAll("[data-drop]")) {
  const input = zone.querySelector("input[type=file]");
  const said = zone.querySelector("[data-drop-said]");

  function tell() {
    const file = input.files[0];
    said.textContent = file ? zone.dataset.dropped.replace("%s", file.name) : "";
  }

  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("drop--over");
  });
  for (const end of ["dragleave", "drop"]) {
    zone.addEventListener(end, () => zone.classList.remove("drop--over"));
  }
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    tell();
  });
  input.addEventListener("change", tell);
}
