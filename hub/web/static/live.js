// Says in a status line how much is new since the page was made; moves and changes nothing that is being read.
(() => {
  "use strict";
  const line = document.querySelector("[data-stream]");
  if (!line) return;
  const title = document.title;
  const counted = [...document.querySelectorAll("[data-news]")];
  let position = line.dataset.position;
  let news = 0;
  let saying = 0;
  let source = null;

  function say() {
    saying = 0;
    line.textContent = `${news}\u00a0${news < 2 ? line.dataset.one : line.dataset.several}`;
    document.title = `(${news}) ${title}`;
    for (const figure of counted) {
      figure.textContent = (Number(figure.dataset.news) + news).toLocaleString("fr-FR");
    }
  }

  function open() {
    source = new EventSource(`${line.dataset.stream}&depuis=${position}`);
    source.addEventListener("change", (message) => {
      position = message.lastEventId;
      news += 1;
      // Many at once are one sentence: a screen reader says each that it is given.
      saying ||= setTimeout(say, 1000);
    });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) line.textContent = line.dataset.stopped;
    });
  }

  // A browser opens few connections to a host: pages that nobody sees leave theirs to the others.
  document.addEventListener("visibilitychange", () => {
    source?.close();
    source = null;
    if (!document.hidden) open();
  });
  if (!document.hidden) open();
})();
