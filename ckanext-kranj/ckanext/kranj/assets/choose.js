/* One button that ticks every box of its form, and clears them again. Without scripts it stays hidden. */
(() => {
  "use strict";
  for (const button of document.querySelectorAll("[data-choose-all]")) {
    const boxes = [...button.form.querySelectorAll("input[type=checkbox][name=ids]")];
    button.hidden = boxes.length < 2;
    button.addEventListener("click", () => {
      const all = boxes.some((box) => !box.checked);
      for (const box of boxes) box.checked = all;
    });
  }
})();
