/* One button that ticks every box of its form, and clears them again; without scripts it stays hidden.
   A button with data-ask asks before it acts on several at once. */
(() => {
  "use strict";
  const boxesOf = (button) => [...button.form.querySelectorAll("input[type=checkbox][name=ids]")];
  for (const button of document.querySelectorAll("[data-choose-all]")) {
    const boxes = boxesOf(button);
    button.hidden = boxes.length < 2;
    button.addEventListener("click", () => {
      const all = boxes.some((box) => !box.checked);
      for (const box of boxes) box.checked = all;
    });
  }
  for (const button of document.querySelectorAll("[data-ask]")) {
    button.addEventListener("click", (event) => {
      const chosen = boxesOf(button).filter((box) => box.checked).length;
      if (chosen > 1 && !window.confirm(`${button.dataset.ask} (${chosen})`)) event.preventDefault();
    });
  }
})();
