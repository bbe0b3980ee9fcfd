/* Remonter le temps: moves the page with the slider, says its day, and keeps the focus on it. */
(() => {
  const WAIT_MS = 250;
  const DAY_MS = 86_400_000;
  const days = new Intl.DateTimeFormat("fr-FR", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

  const dayOf = (slider) => {
    const offset = Number(slider.dataset.offsets.split(",")[slider.valueAsNumber]);
    return new Date(Date.parse(slider.dataset.first) + offset * DAY_MS);
  };

  /* The 1st is written 1er, as on the rest of the page. */
  const said = (day) => days.format(day).replace(/^1 /, "1er ");

  const tell = (slider) => {
    const text = said(dayOf(slider));
    slider.setAttribute("aria-valuetext", text);
    slider.parentElement.querySelector("output").textContent = text;
  };

  /* The address names the day itself: a rank means another day once there are more. The last one is today. */
  const name = (slider) => {
    slider.removeAttribute("name");
    const field = slider.parentElement.querySelector("input[type=hidden]") ?? document.createElement("input");
    field.type = "hidden";
    field.name = "au";
    field.value = dayOf(slider).toISOString().slice(0, 10);
    field.disabled = slider.value === slider.max;
    slider.after(field);
  };

  /* Without scripts nobody would set it again, and a wrong day would be said. */
  document.getElementById("temps-rang")?.setAttribute("aria-valuetext", document.querySelector("output[for=temps-rang]").textContent);

  let waiting;
  document.addEventListener("input", (event) => {
    const slider = event.target;
    if (slider.id !== "temps-rang") return;
    tell(slider);
    name(slider);
    clearTimeout(waiting);
    waiting = setTimeout(() => slider.form.requestSubmit(), WAIT_MS);
  });
})();
