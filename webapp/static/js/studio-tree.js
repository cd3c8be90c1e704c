// Steps can be dragged by their grip; the buttons beside them do the same without a pointer.
const tree = document.querySelector("[data-tree]");
const form = document.querySelector("[data-move]");
let dragged = null;

for (const grip of tree.querySelectorAll("[data-grip]")) {
  const step = grip.closest("[data-step]");
  grip.addEventListener("pointerdown", () => step.setAttribute("draggable", "true"));
  step.addEventListener("dragstart", (event) => {
    dragged = step;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", step.dataset.step);
    step.classList.add("tree__step--dragged");
  });
  step.addEventListener("dragend", () => {
    step.removeAttribute("draggable");
    step.classList.remove("tree__step--dragged");
    dragged = null;
  });
}

tree.addEventListener("dragover", (event) => {
  const steps = event.target.closest("[data-module]")?.querySelector("[data-steps]");
  if (!dragged || !steps) return;
  event.preventDefault();
  const others = [...steps.children].filter((one) => one !== dragged);
  const below = others.find((one) => {
    const box = one.getBoundingClientRect();
    return event.clientY < box.top + box.height / 2;
  });
  steps.insertBefore(dragged, below ?? null);
});
tree.addEventListener("drop", (event) => {
  if (!dragged) return;
  event.preventDefault();
  const module = dragged.closest("[data-module]").dataset.module;
  const place = [...dragged.parentElement.children].indexOf(dragged);
  form.elements.act.value = `step-to:${dragged.dataset.step}:${module}:${place}`;
  form.submit();
});
