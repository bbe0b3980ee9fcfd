// Says in a status line how much is new since the page was made; moves and changes nothing that is being read.
(() => {
  "use strict";
  const FIRST_AGAIN_MS = 10_000;
  const LAST_AGAIN_MS = 300_000;
  const line = document.querySelector("[data-stream]");
  if (!line) return;
  const title = document.title;
  let position = line.dataset.position;
  let news = 0;
  let saying = 0;
  let close = () => {};

  function say() {
    saying = 0;
    line.textContent = `${news}\u00a0${news < 2 ? line.dataset.one : line.dataset.several}`;
    document.title = `(${news}) ${title}`;
    const figure = document.querySelector("[data-news]");
    const words = document.querySelector("[data-news] ~ [data-several]");
    const total = Number(figure.dataset.news) + news;
    figure.closest("li").hidden = false;
    figure.textContent = total.toLocaleString("fr-FR");
    if (total > 1) words.textContent = words.dataset.several;
  }

  // An answer that is no stream ends the asking for good: it is asked again, less and less often, from where it stopped.
  function listen(again = FIRST_AGAIN_MS) {
    const source = new EventSource(`${line.dataset.stream}&depuis=${position}`);
    let waiting;
    let next;
    source.addEventListener("open", () => {
      again = FIRST_AGAIN_MS;
      if (line.textContent === line.dataset.stopped) line.textContent = "";
    });
    source.addEventListener("change", (message) => {
      position = message.lastEventId;
      news += 1;
      // Many at once are one sentence: a screen reader says each that it is given.
      saying ||= setTimeout(say, 1000);
    });
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return;
      line.textContent = line.dataset.stopped;
      waiting = setTimeout(() => {
        next = listen(Math.min(2 * again, LAST_AGAIN_MS));
      }, again);
    });
    return () => {
      clearTimeout(waiting);
      source.close();
      next?.();
    };
  }

  // A browser opens six connections to a host at most: of all its pages, one that is seen listens at a time.
  function open() {
    const leaving = new AbortController();
    const left = new Promise((resolve) => leaving.signal.addEventListener("abort", resolve));
    const hold = async () => {
      const end = listen();
      await left;
      end();
    };
    close = () => leaving.abort();
    if (navigator.locks) navigator.locks.request(line.dataset.stream, { signal: leaving.signal }, hold).catch(() => {});
    else hold();
  }

  const pause = document.querySelector("[data-pause]");
  let paused = false;
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    [pause.textContent, pause.dataset.pause] = [pause.dataset.pause, pause.textContent];
    close();
    if (!paused) open();
  });

  document.addEventListener("visibilitychange", () => {
    close();
    if (!document.hidden && !paused) open();
  });
  if (!document.hidden) open();
})();
