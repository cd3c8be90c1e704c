// On a phone the staff sections scroll sideways: begin where one is.
document.querySelector(".desk__link[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// The menus are <details> and work without this. Here they close on Esc, on a press elsewhere, and when the focus leaves.
const menus = document.querySelectorAll("details[data-menu]");

for (const menu of menus) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
}

document.addEventListener("click", (event) => {
  for (const menu of menus) {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  }
});
