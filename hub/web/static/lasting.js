/* A login that nobody uses ends: says so five minutes before, and lengthens it where the reader stays on the page. */
(() => {
  "use strict";
  const WARNED_MS = 300_000;
  const EVERY_MS = 10_000;
  const USED = "parcours-hub-used";
  const bar = document.querySelector("[data-idle]");
  const words = bar.querySelector("[role=status]");
  const stay = bar.querySelector("button");
  const idle = Number(bar.dataset.idle) * 1000;
  const latest = Date.now() + Number(bar.dataset.most) * 1000;
  let ends = Date.now() + Number(bar.dataset.left) * 1000;
  let state = "";
  let before;

  function say(next, minutes = 0) {
    if (next === state) return;
    state = next;
    words.textContent = next ? words.dataset[next].replace("#", minutes) : "";
    if (next !== "soon" && document.activeElement === stay) (before?.isConnected ? before : document.querySelector("main")).focus();
    stay.hidden = next !== "soon";
  }

  function look() {
    const left = ends - Date.now();
    if (left > WARNED_MS) {
      if (state !== "kept") say("");
    } else if (left > 0) {
      say(ends < latest ? "soon" : "last", Math.max(2, Math.ceil(left / 60_000)));
    } else {
      say("over");
    }
  }

  function use(at) {
    ends = Math.min(at + idle, latest);
    look();
  }

  stay.addEventListener("focus", (event) => {
    before = event.relatedTarget;
  });
  stay.addEventListener("click", async () => {
    const answer = await fetch("/compte", { redirect: "error" }).catch(() => null);
    if (!answer?.ok) return say("over");
    tell();
    say("kept");
    use(Date.now());
  });

  // Any page that is opened is a use: the other tabs learn of it.
  function tell() {
    try {
      localStorage.setItem(USED, String(Date.now()));
    } catch {
      // Where nothing may be kept, each tab warns for itself.
    }
  }
  addEventListener("storage", (event) => {
    if (event.key === USED && state !== "over") {
      say("");
      use(Number(event.newValue));
    }
  });
  document.addEventListener("visibilitychange", look);
  setInterval(look, EVERY_MS);
  tell();
  look();
})();
