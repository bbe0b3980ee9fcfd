/* When a part of a page could not be had: what the reader asked for is opened as a page of its own, which says why; a
   page that looks again by itself says so in a line, and goes on. */
(() => {
  "use strict";
  const AGAIN_MS = 10_000;
  const BY_ITSELF = /^(every|load)\b/;
  const line = document.getElementById("echec");

  const looksByItself = (element) => BY_ITSELF.test(element.getAttribute("data-hx-trigger") ?? "");
  const passes = (status) => status >= 500 || status === 408 || status === 429;

  /* The same words again would be read out each time. */
  function say(words) {
    if (line.textContent !== words) line.textContent = words;
  }

  /* What comes every few seconds comes again; what comes once is asked for anew. */
  function again(element, after) {
    say(line.dataset.alone);
    const wait = Math.max(AGAIN_MS, Number(after) * 1000 || 0);
    setTimeout(() => element.isConnected && element.dispatchEvent(new CustomEvent("again")), wait);
  }

  document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
    if (ctx.hx.redirect) return;
    if (looksByItself(ctx.sourceElement) && passes(ctx.response.status)) again(ctx.sourceElement, ctx.response.headers.get("Retry-After"));
    else location.assign(ctx.request.action);
  });

  /* No answer at all: to leave the page would lose it. */
  document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
    if (!ctx || ctx.response) return;
    if (looksByItself(ctx.sourceElement)) again(ctx.sourceElement);
    else say(line.dataset.asked);
  });

  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    if (ctx.response.status < 400) say("");
  });
})();
