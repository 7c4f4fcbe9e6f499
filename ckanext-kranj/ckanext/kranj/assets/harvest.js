/* Progress of a run without reloading: asks every two seconds while something goes on, then loads the page anew. */
(() => {
  "use strict";
  const box = document.getElementById("harvest-progress");
  if (!box || box.dataset.phase === "idle") return;

  const look = async () => {
    try {
      const answer = await fetch(box.dataset.address, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const found = await answer.json();
      if (found.phase === "idle") {
        window.location.reload();
        return;
      }
      box.innerHTML = found.html;
      box.dataset.phase = found.phase;
      box.dataset.looked = Number(box.dataset.looked || 0) + 1;
    } catch (error) {
      // The portal does not answer for a moment: the next look may find it again.
    }
    window.setTimeout(look, 2000);
  };
  window.setTimeout(look, 1000);
})();
