// Small comforts; every page works without them. Focus on what is wrong, a word about a file
// before it is sent, keys for staff. Sentences come from data attributes, in the reader's language.

document.querySelector("[data-errors]")?.focus();

// A file that is too large is told at once, not after ten minutes on a weak link.
for (const input of document.querySelectorAll("input[type=file][data-max]")) {
  const says = input.closest(".upload")?.querySelector("[data-upload-says]");
  if (!says) continue;
  const say = (sentence) => {
    says.textContent = sentence;
    says.hidden = !sentence;
  };
  input.addEventListener("change", () => {
    const large = [...input.files].some((file) => file.size > Number(input.dataset.max));
    say(large ? input.dataset.tooLarge : "");
    if (large) input.value = "";
  });
  input.form?.addEventListener("submit", () => {
    if (!input.files.length) return;
    say(input.dataset.sending);
    says.className = "hint";
    says.setAttribute("role", "status");
    says.append(document.createElement("progress"));
  });
}

// Keys for staff: / search, j k rows, t take. Single letters disturb people who dictate, so they
// can be switched off (WCAG 2.1.4), and they never act while somebody types.
const keys = document.querySelector("[data-keys]");
if (keys) {
  const OFF = "ostoja-keys-off";
  const button = keys.querySelector("[data-keys-switch]");
  const off = () => {
    try {
      return localStorage.getItem(OFF) === "1";
    } catch {
      return false;
    }
  };
  const show = () => {
    button.textContent = off() ? button.dataset.on : button.dataset.off;
  };
  keys.hidden = false;
  show();
  button.addEventListener("click", () => {
    try {
      if (off()) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    } catch {
      keys.hidden = true;
    }
    show();
  });
  const rows = [...document.querySelectorAll("[data-rows] tbody tr")];
  const here = () => rows.findIndex((row) => row.contains(document.activeElement));
  const go = (to) => rows[to]?.querySelector("a, button")?.focus();
  document.addEventListener("keydown", (event) => {
    if (off() || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const at = here();
    if (event.key === "/") document.querySelector("[data-search]")?.focus();
    else if (event.key === "j") go(at + 1);
    else if (event.key === "k") go(at < 0 ? 0 : at - 1);
    else if (event.key === "t" && at >= 0) rows[at].querySelector("[data-take]")?.click();
    else return;
    event.preventDefault();
  });
}
