// Finding a learner in the table. Without a script everything is there all the same.
"use strict";
const box = document.getElementById("find");
const only = document.getElementById("only");
const found = document.getElementById("found");
const rows = [...document.querySelectorAll(".heat tbody tr")];
const show = () => {
  const wanted = box.value.trim().toLowerCase();
  let count = 0;
  for (const row of rows) {
    const fits = row.textContent.toLowerCase().includes(wanted) && (!only.checked || row.className === "r");
    row.hidden = !fits;
    count += fits;
  }
  found.textContent = `${count} of ${rows.length}`;
};
document.querySelector(".find").hidden = false;
box.addEventListener("input", show);
only.addEventListener("change", show);
