// Before anything is sent, says what was chosen, what is left out and what is not asked for.
// The page works without: the browser shows the names, and the server says the rest.
"use strict";

const MOST_BYTES = 64 * 1024 * 1024;
const form = document.getElementById("upload");

function describe(files, asked) {
  const names = files.map((file) => file.name);
  const lines = files.map((file) => `${file.name}, ${file.size.toLocaleString("en")} bytes`);
  const says = [];
  if (names.some((name) => name.toLowerCase().endsWith(".zip"))) {
    if (names.length > 1) says.push("Choose either .py files or one .zip.");
  } else {
    const unknown = names.filter((name) => !asked.includes(name));
    const left = asked.filter((name) => !names.includes(name));
    if (unknown.length) says.push(`Not asked for: ${unknown.join(", ")}.`);
    else if (left.length) says.push(`Not chosen: ${left.join(", ")}.`);
  }
  if (files.some((file) => file.size === 0)) says.push("A file is empty: save it in your editor.");
  if (files.reduce((sum, file) => sum + file.size, 0) > MOST_BYTES) {
    says.push("This is more than 64 MiB: leave data and models out.");
  }
  return { lines, says };
}

function show(place, { lines, says }) {
  const list = document.createElement("ul");
  for (const text of lines) list.appendChild(document.createElement("li")).textContent = text;
  const hints = says.map((text) => {
    const hint = document.createElement("p");
    hint.textContent = text;
    return hint;
  });
  place.replaceChildren(list, ...hints);
}

if (form) {
  const input = form.elements.files;
  const asked = form.dataset.asked.split(" ");
  const place = document.getElementById("chosen");
  input.addEventListener("change", () => show(place, describe([...input.files], asked)));
  for (const [event, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    input.addEventListener(event, () => input.classList.toggle("over", over));
  }
  form.addEventListener("htmx:sendError", () => {
    show(place, { lines: [], says: ["It could not be sent: is the network there? Try again."] });
  });
}
