// Makes a grid of a sheet's table: one cell has the focus, the arrows move it, N and P go to the next and previous marked
// cell, Enter opens what to do. The keys count only inside the sheet. Without scripts it is a table with links.
for (const table of document.querySelectorAll("[data-sheet-grid]")) {
  const rows = [...table.rows].slice(1).map((row) => [...row.cells].slice(1)).filter((cells) => cells.length);
  const cells = rows.flat();
  if (!cells.length) continue;
  table.setAttribute("role", "grid");
  table.closest("[data-sheet]").removeAttribute("tabindex");
  for (const help of document.querySelectorAll("[data-sheet-help]")) help.hidden = false;
  let place = [0, 0];

  function at(cell) {
    const row = rows.findIndex((line) => line.includes(cell));
    return [row, rows[row].indexOf(cell)];
  }

  function go(row, column) {
    rows[place[0]][place[1]].tabIndex = -1;
    place = [Math.max(0, Math.min(row, rows.length - 1)), 0];
    place[1] = Math.max(0, Math.min(column, rows[place[0]].length - 1));
    const cell = rows[place[0]][place[1]];
    cell.tabIndex = 0;
    cell.focus();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function step(forward) {
    const marked = cells.filter((cell) => cell.querySelector("a"));
    if (!marked.length) return;
    const now = cells.indexOf(rows[place[0]][place[1]]);
    const ahead = forward ? marked.find((c) => cells.indexOf(c) > now) : marked.findLast((c) => cells.indexOf(c) < now);
    go(...at(ahead ?? (forward ? marked[0] : marked.at(-1))));
  }

  const moves = {
    ArrowUp: () => go(place[0] - 1, place[1]),
    ArrowDown: () => go(place[0] + 1, place[1]),
    ArrowLeft: () => go(place[0], place[1] - 1),
    ArrowRight: () => go(place[0], place[1] + 1),
    PageUp: () => go(place[0] - 10, place[1]),
    PageDown: () => go(place[0] + 10, place[1]),
    Home: (event) => go(event.ctrlKey ? 0 : place[0], 0),
    End: (event) => go(event.ctrlKey ? rows.length - 1 : place[0], Infinity),
    n: () => step(true),
    N: () => step(true),
    p: () => step(false),
    P: () => step(false),
    Enter: () => {
      const cell = rows[place[0]][place[1]];
      (cell.querySelector("a") ?? cell.parentElement.querySelector(".sheet__number a"))?.click();
    },
  };

  for (const cell of cells) {
    cell.tabIndex = -1;
    for (const link of cell.querySelectorAll("a")) link.tabIndex = -1;
  }
  for (const link of table.querySelectorAll(".sheet__number a")) link.tabIndex = -1;
  const target = location.hash.startsWith("#celda-") ? document.getElementById(location.hash.slice(1)) : null;
  if (cells.includes(target)) {
    place = at(target);
    target.tabIndex = 0;
    target.focus();
  } else {
    cells[0].tabIndex = 0;
  }
  table.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    if (!move || event.altKey || event.metaKey) return;
    event.preventDefault();
    move(event);
  });
  table.addEventListener("click", (event) => {
    const cell = event.target.closest("td, th");
    if (cells.includes(cell) && !event.target.closest("a")) go(...at(cell));
  });
}

// Who follows a mark to a finding lands in an open fold, with the focus on it.
function openTarget() {
  for (const link of table.querySelectorAll(".sheet__number a")) link.tabIndex = -1;
  const target = location.hash.startsWith("#hallazgo-") ? document.getElementById(location.hash.slice(1)) : null;
  if (!target) return;
  target.closest("details").open = true;
  target.focus();
}
window.addEventListener("hashchange", openTarget);
openTarget();
