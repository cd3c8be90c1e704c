// A folder dropped on the zone is as if it had been chosen. Browsers forget the paths of what is dragged, so they are
// sent beside the files. Without scripts both fields take files by themselves.
const form = document.querySelector("[data-folder-drop]");
const zone = form.querySelector("[data-zone]");
const said = form.querySelector("[data-drop-said]");
const folder = form.querySelector("input[name=folder]");
const files = form.querySelector("input[name=files]");
const paths = form.querySelector("input[name=paths]");

function tell() {
  const count = folder.files.length + files.files.length;
  said.textContent = count ? form.dataset.said.replace("%d", count) : "";
}

function entriesOf(directory) {
  const reader = directory.createReader();
  const found = [];
  return new Promise((resolve, reject) => {
    const more = () =>
      reader.readEntries((some) => {
        if (!some.length) return resolve(found);
        found.push(...some);
        more();
      }, reject);
    more();
  });
}

async function collect(entry, found) {
  if (entry.isFile) {
    found.push([entry.fullPath.slice(1), await new Promise((resolve, reject) => entry.file(resolve, reject))]);
  } else {
    for (const one of await entriesOf(entry)) await collect(one, found);
  }
}

zone.addEventListener("dragover", (event) => {
  event.preventDefault();
  zone.classList.add("studio-drop__zone--over");
});
for (const end of ["dragleave", "drop"]) {
  zone.addEventListener(end, () => zone.classList.remove("studio-drop__zone--over"));
}
zone.addEventListener("drop", async (event) => {
  event.preventDefault();
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  const found = [];
  for (const entry of entries) await collect(entry, found);
  if (!found.length) return;
  const held = new DataTransfer();
  for (const [, file] of found) held.items.add(file);
  folder.value = "";
  files.files = held.files;
  paths.value = JSON.stringify(found.map(([path]) => path));
  tell();
});
for (const input of [folder, files]) {
  input.addEventListener("change", () => {
    const chosen = [...folder.files, ...files.files];
    paths.value = JSON.stringify(chosen.map((file) => file.webkitRelativePath || file.name));
    tell();
  });
}
