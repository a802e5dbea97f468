"use strict";
(function () {
  const table = document.querySelector("table.cases");
  const body = table.tBodies[0];
  const byCase = new Map();
  for (const element of document.querySelectorAll("[data-case]")) {
    const list = byCase.get(element.dataset.case) || [];
    list.push(element);
    byCase.set(element.dataset.case, list);
  }
  let selected = null;

  function place(plot, value) {
    const low = Number(plot.dataset.low), high = Number(plot.dataset.high);
    const edge = Number(plot.dataset.edge), width = Number(plot.dataset.width);
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return edge + share * (width - 2 * edge);
  }

  function mark(row) {
    for (const plot of document.querySelectorAll("svg.plot")) {
      const cell = row && row.querySelector(`td[data-column="${plot.dataset.column}"]`);
      const has = cell && cell.dataset.value !== "";
      const line = plot.querySelector(".mark");
      line.classList.toggle("shown", Boolean(has));
      const figure = plot.parentElement.querySelector(".selected-value");
      figure.textContent = has ? cell.textContent : "";
      if (has) {
        const x = String(place(plot, Number(cell.dataset.value)));
        line.setAttribute("x1", x);
        line.setAttribute("x2", x);
      }
    }
  }

  function select(name, scrolls) {
    for (const element of byCase.get(selected) || []) element.classList.remove("on");
    selected = name === selected ? null : name;
    for (const element of byCase.get(selected) || []) {
      element.classList.add("on");
      if (element instanceof SVGElement) element.parentElement.append(element);
    }
    const row = selected === null ? null : body.querySelector(`tr[data-case="${selected}"]`);
    mark(row);
    if (row && scrolls) row.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("click", (event) => {
    const element = event.target.closest("[data-case]");
    if (element) select(element.dataset.case, element.tagName !== "TR");
  });
  body.addEventListener("keydown", (event) => {
    const row = event.target.closest("tr");
    if (event.key === "Enter" || event.key === " ") select(row.dataset.case, false);
    else if (event.key === "ArrowDown" && row.nextElementSibling) row.nextElementSibling.focus();
    else if (event.key === "ArrowUp" && row.previousElementSibling) row.previousElementSibling.focus();
    else return;
    event.preventDefault();
  });

  function compare(a, b, direction) {
    if (a === "" || b === "") return (a === "") - (b === "");
    const x = Number(a), y = Number(b);
    const order = Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b) : x - y;
    return direction * order;
  }

  table.tHead.addEventListener("click", (event) => {
    const head = event.target.closest("th");
    if (!head) return;
    const column = head.cellIndex;
    const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    const rows = Array.from(body.rows);
    rows.sort((a, b) => compare(a.cells[column].dataset.value, b.cells[column].dataset.value, direction));
    body.append(...rows);
  });
})();
