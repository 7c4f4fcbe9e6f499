/* The form of a description, step by step. Without this script the same form is one long page that works as well. */
(function () {
  "use strict";

  var SL = document.documentElement.lang.indexOf("en") !== 0;
  function say(sl, en) { return SL ? sl : en; }
  function all(root, selector) { return Array.prototype.slice.call(root.querySelectorAll(selector)); }
  function plain(text) { return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, ""); }
  function make(tag, attributes, text) {
    var element = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) { element.setAttribute(name, attributes[name]); });
    if (text !== undefined) { element.textContent = text; }
    return element;
  }
  function controls(box) { return all(box, ".kranj-control input, .kranj-control select, .kranj-control textarea"); }
  function isBlank(box) {
    return controls(box).every(function (control) {
      if (control.classList.contains("kranj-filter")) { return true; }
      if (control.type === "checkbox" || control.type === "radio") { return !control.checked; }
      return !control.value.trim();
    });
  }

  /* Code lists with search: a filter above long lists. */
  function searchable(root) {
    all(root, ".kranj-searchable").forEach(function (list, index) {
      if (list.previousElementSibling && list.previousElementSibling.classList.contains("kranj-filter")) { return; }
      var filter = make("input", { type: "search", class: "form-control form-control-sm kranj-filter",
        placeholder: say("išči po seznamu", "search the list"),
        "aria-label": say("Išči po seznamu", "Search the list") + ": " + titleOf(list) });
      var items = list.tagName === "SELECT" ? all(list, "option") : all(list, ".form-check");
      filter.addEventListener("input", function () {
        var wanted = plain(filter.value.trim());
        var first = null;
        items.forEach(function (item) {
          var matches = !wanted || plain(item.textContent).indexOf(wanted) !== -1;
          if (list.tagName !== "SELECT") {
            item.hidden = !matches && !item.querySelector("input").checked;
          } else {
            if (matches && item.parentNode !== list) { list.appendChild(item); }
            if (!matches && item.parentNode === list && !item.selected) { list.removeChild(item); }
            if (matches && item.value && !first) { first = item; }
          }
        });
        if (list.tagName === "SELECT") {
          items.forEach(function (item) { if (item.parentNode === list) { list.appendChild(item); } });
          if (wanted && first) { first.selected = true; list.dispatchEvent(new Event("change", { bubbles: true })); }
        }
      });
      filter.addEventListener("keydown", function (event) { if (event.key === "Enter") { event.preventDefault(); } });
      list.parentNode.insertBefore(filter, list);
    });
  }
  function titleOf(element) {
    var label = element.id && document.querySelector('label[for="' + element.id + '"]');
    var box = element.closest(".kranj-field");
    label = label || (box && box.querySelector(".kranj-legend"));
    return label ? label.textContent.trim() : "";
  }

  /* Rows: the empty one that is always there becomes a button. */
  function rows(list) {
    var last = list.lastElementChild;
    if (!last) { return; }
    var template = last.cloneNode(true), limit = Number(list.dataset.limit);
    if (limit === 1) { return; }
    var button = make("button", { type: "button", class: "btn btn-sm btn-outline-secondary kranj-add" },
      say("Dodaj vrstico", "Add a row"));
    button.appendChild(make("span", { class: "visually-hidden" }, ": " + titleOf(list)));
    var next = list.children.length;
    if (next > 1) { list.removeChild(last); next -= 1; }
    button.addEventListener("click", function () {
      if (list.children.length >= limit) { return; }
      var number = next, row = template.cloneNode(true);
      next += 1;
      all(row, "[id], [name], [for], [aria-describedby], [data-field]").forEach(function (element) {
        ["id", "name", "for", "aria-describedby", "data-field"].forEach(function (name) {
          var value = element.getAttribute(name);
          if (value) { element.setAttribute(name, value.replace(/(-|__)\d+(-|__)/, "$1" + number + "$2")); }
        });
      });
      list.appendChild(row);
      searchable(row);
      all(row, ".kranj-map").forEach(map);
      var first = row.querySelector("input:not([type=hidden]), select, textarea");
      if (first) { first.focus(); }
    });
    list.parentNode.insertBefore(button, list.nextSibling);
  }

  /* The frame on the map: drawing fills the four numbers, the numbers draw the frame. */
  function map(box) {
    var svg = box.querySelector("svg"), frame = svg.querySelector(".kranj-map-chosen"), start = null;
    var window_ = { west: +svg.dataset.west, east: +svg.dataset.east, south: +svg.dataset.south, north: +svg.dataset.north };
    var size = svg.viewBox.baseVal, inputs = {};
    all(box, "[data-side]").forEach(function (input) { inputs[input.dataset.side] = input; input.addEventListener("input", draw); });
    function draw() {
      var value = {};
      Object.keys(inputs).forEach(function (side) { value[side] = parseFloat(inputs[side].value); });
      var left = (value.west - window_.west) / (window_.east - window_.west) * size.width;
      var right = (value.east - window_.west) / (window_.east - window_.west) * size.width;
      var top = (window_.north - value.north) / (window_.north - window_.south) * size.height;
      var bottom = (window_.north - value.south) / (window_.north - window_.south) * size.height;
      var drawn = right > left && bottom > top;
      frame.setAttribute("x", drawn ? left : 0); frame.setAttribute("y", drawn ? top : 0);
      frame.setAttribute("width", drawn ? right - left : 0); frame.setAttribute("height", drawn ? bottom - top : 0);
    }
    function degrees(event) {
      var area = svg.getBoundingClientRect();
      return { lon: window_.west + (event.clientX - area.left) / area.width * (window_.east - window_.west),
        lat: window_.north - (event.clientY - area.top) / area.height * (window_.north - window_.south) };
    }
    function set(a, b) {
      inputs.west.value = Math.min(a.lon, b.lon).toFixed(4); inputs.east.value = Math.max(a.lon, b.lon).toFixed(4);
      inputs.south.value = Math.min(a.lat, b.lat).toFixed(4); inputs.north.value = Math.max(a.lat, b.lat).toFixed(4);
      draw();
    }
    svg.addEventListener("pointerdown", function (event) { start = degrees(event); svg.setPointerCapture(event.pointerId); event.preventDefault(); });
    svg.addEventListener("pointermove", function (event) { if (start) { set(start, degrees(event)); } });
    svg.addEventListener("pointerup", function () {
      start = null;
      inputs.north.dispatchEvent(new Event("input", { bubbles: true }));
    });
    draw();
  }

  /* Inherited values: shown in place, one click to say something else. */
  function inherit(box) {
    var line = box.querySelector(":scope > .kranj-inherited");
    if (!line) { return; }
    var button = make("button", { type: "button", class: "btn btn-sm btn-link kranj-override" }, say("Spremeni", "Change"));
    button.appendChild(make("span", { class: "visually-hidden" }, ": " + titleOf(line)));
    line.appendChild(button);
    button.addEventListener("click", function () {
      box.dataset.opened = "1";
      fold(box);
      var first = controls(box).filter(function (control) { return control.type !== "hidden" && !control.classList.contains("kranj-filter"); })[0];
      if (first) { first.focus(); }
    });
    fold(box);
  }
  function fold(box) {
    var line = box.querySelector(":scope > .kranj-inherited");
    if (!line) { return; }
    var wrong = box.classList.contains("kranj-field-wrong");
    var folded = !line.hidden && !wrong && !box.dataset.opened && (isBlank(box) || box.dataset.same === "1");
    box.classList.toggle("kranj-folded", folded);
  }

  function start(form) {
    var steps = all(form, ".kranj-step"), links = all(form, ".kranj-nav a"), current = 0;
    var move = form.querySelector(".kranj-move"), back = form.querySelector(".kranj-back"), next = form.querySelector(".kranj-next");
    var preview = form.querySelector(".kranj-preview"), timer = null, running = null;
    form.classList.add("kranj-live");
    move.hidden = false;
    preview.hidden = false;

    function show(index, focus) {
      current = Math.max(0, Math.min(index, steps.length - 1));
      steps.forEach(function (step, position) { step.hidden = position !== current; });
      links.forEach(function (link, position) {
        if (position === current) { link.setAttribute("aria-current", "step"); } else { link.removeAttribute("aria-current"); }
      });
      back.hidden = current === 0;
      next.hidden = current === steps.length - 1;
      if (focus) { steps[current].querySelector("h2").focus(); }
    }
    function reveal(target, box) {
      var element = document.getElementById(target), holder = document.getElementById(box) || (element && element.closest(".kranj-field"));
      holder = holder || element;
      if (!holder) { return; }
      show(steps.indexOf(holder.closest(".kranj-step")));
      for (var parent = holder.parentElement; parent; parent = parent.parentElement) { if (parent.tagName === "DETAILS") { parent.open = true; } }
      var folded = holder.closest(".kranj-folded") || (holder.classList.contains("kranj-folded") ? holder : null);
      if (folded) { folded.dataset.opened = "1"; fold(folded); }
      var control = element && /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName) ? element
        : holder.querySelector("input:not([type=hidden]):not(.kranj-filter), select, textarea");
      (control || holder).focus();
      (control || holder).scrollIntoView({ block: "center" });
    }
    links.forEach(function (link, position) { link.addEventListener("click", function (event) { event.preventDefault(); show(position, true); }); });
    back.addEventListener("click", function () { show(current - 1, true); });
    next.addEventListener("click", function () { show(current + 1, true); });
    form.addEventListener("click", function (event) {
      var link = event.target.closest("a[data-target]");
      if (link) { event.preventDefault(); reveal(link.dataset.target, link.getAttribute("href").slice(1)); }
    });

    function value(name) {
      var box = document.getElementById("box-field-" + name), control = document.getElementById("field-" + name);
      return (control && control.value) || (box && box.dataset.code) || "";
    }
    function conditions() {
      all(form, "[data-condition]").forEach(function (box) {
        var rule = JSON.parse(box.dataset.condition), now = value(rule.field);
        var relevant = rule.is ? rule.is.indexOf(now) !== -1 : rule.isnt.indexOf(now) === -1;
        relevant = relevant || box.classList.contains("kranj-field-wrong");
        box.hidden = !relevant;
        all(box, "input, select, textarea").forEach(function (control) { control.disabled = !relevant; });
      });
    }

    function check() {
      var data = new FormData(form);
      if (running) { running.abort(); }
      running = new AbortController();
      fetch(form.dataset.check, { method: "POST", body: data, credentials: "same-origin", signal: running.signal })
        .then(function (answer) { if (!answer.ok) { throw new Error(String(answer.status)); } return answer.json(); })
        .then(told)
        .catch(function (error) {
          if (error.name !== "AbortError") {
            form.querySelector(".kranj-open").textContent = say("Predogled zdaj ni na voljo; shranite kot običajno.", "No preview just now; save as usual.");
          }
        });
    }
    function told(answer) {
      links.forEach(function (link, position) {
        var count = answer.missing[steps[position].id.replace("step-", "")] || 0, badge = link.querySelector(".kranj-nav-missing");
        badge.hidden = !count;
        badge.textContent = count ? say("manjka ", "missing ") + count : "";
      });
      all(form, ".kranj-box").forEach(function (box) {
        var line = box.querySelector(":scope > .kranj-inherited"), entry = answer.inherited[box.dataset.field];
        if (!line || (!entry && box.dataset.same === "1")) { return; }
        if (!entry) { if (isBlank(box)) { line.hidden = true; box.dataset.code = ""; } fold(box); return; }
        line.hidden = false;
        box.dataset.code = entry.value;
        line.querySelector(".kranj-inherited-value").innerHTML = entry.html;
        line.querySelector(".kranj-inherited-source").textContent = entry.source;
        fold(box);
      });
      var system = document.getElementById("kranj-system");
      if (system && answer.system) { system.querySelector("strong").textContent = answer.system; }
      conditions();
      var count = answer.problems.length;
      form.querySelector(".kranj-open").textContent = count
        ? say("Do shranjenega opisa manjka: ", "Still needed before it can be saved: ") + count
        : say("Nič ne manjka. Opis lahko shranite.", "Nothing is missing. The description can be saved.");
      var todo = form.querySelector(".kranj-todo");
      todo.textContent = "";
      answer.problems.forEach(function (problem) {
        var item = make("li"), link = make("a", { href: "#" + problem.box, "data-target": problem.target }, problem.label);
        if (!problem.missing) { item.appendChild(document.createTextNode(": " + problem.text)); }
        item.insertBefore(link, item.firstChild);
        todo.appendChild(item);
      });
      form.querySelector(".kranj-preview-body").innerHTML = answer.preview;
      form.dataset.checked = String(Number(form.dataset.checked || 0) + 1);
    }
    function soon() {
      clearTimeout(timer);
      timer = setTimeout(check, 500);
    }
    form.addEventListener("input", function (event) {
      var box = event.target.closest(".kranj-box");
      if (box) { box.dataset.opened = "1"; delete box.dataset.same; }
      conditions();
      soon();
    });
    form.addEventListener("change", function () { conditions(); soon(); });

    all(form, ".kranj-box").forEach(function (box) {
      if (!isBlank(box) && box.querySelector(":scope > .kranj-inherited:not([hidden])")) { box.dataset.same = "1"; }
      inherit(box);
    });
    conditions();
    show(0);
    var summary = document.getElementById("kranj-summary");
    if (summary) {
      var wrong = form.querySelector(".kranj-field-wrong, .kranj-problems");
      if (wrong && wrong.closest(".kranj-step")) { show(steps.indexOf(wrong.closest(".kranj-step"))); }
      summary.focus();
    }
    check();
  }

  function ready() {
    searchable(document);
    all(document, ".kranj-map").forEach(map);
    all(document, ".kranj-rows").forEach(rows);
    all(document, "form.kranj-form[data-check]").forEach(start);
  }
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", ready); } else { ready(); }
})();
