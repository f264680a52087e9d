"use strict";
(() => {
  const flows = [...document.querySelectorAll("details.flow")].map((flow) => ({ flow, rows: [...flow.querySelectorAll(".case")] }));
  const search = document.getElementById("search");
  const severity = document.getElementById("severity");
  const boxes = [...document.querySelectorAll("#filters input[type=checkbox]")];
  const count = document.getElementById("count");
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const filtered = words.length > 0 || severity.value !== "" || wanted.size < boxes.length;
    let shown = 0;
    let total = 0;
    for (const { flow, rows } of flows) {
      let fitting = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        const fits =
          wanted.has(row.dataset.verdict) &&
          (!severity.value || row.dataset.severity === severity.value) &&
          words.every((word) => text.includes(word));
        row.hidden = !fits;
        fitting += fits ? 1 : 0;
      }
      flow.hidden = fitting === 0;
      flow.open = filtered && fitting > 0;
      shown += fitting;
      total += rows.length;
    }
    count.textContent = `${shown} of ${total} cases`;
  };
  document.getElementById("filters").addEventListener("input", apply);
  document.getElementById("filters").addEventListener("reset", () => setTimeout(apply));
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("filters").hidden = false;
  for (const link of document.querySelectorAll("#by-flow a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      document.getElementById("filters").reset();
      setTimeout(() => {
        const flow = document.querySelector(link.getAttribute("href"));
        flow.open = true;
        flow.scrollIntoView();
        flow.querySelector("summary").focus({ preventScroll: true });
      });
    });
  }
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = "Copied";
    });
  }
  const closed = () => [...document.querySelectorAll("details:not([open], .transcript)")];
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = closed();
    for (const each of opened) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of opened) each.open = false;
  });
  apply();
})();
