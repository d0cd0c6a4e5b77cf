// Forms: one submission per press, counters that count, and focus where the error is. Load it on pages with forms.
(() => {
  const buttonOf = (form, event) => event?.submitter || form.querySelector("button[type=submit]:not([tabindex='-1'])");

  const setBusy = (button, words) => {
    if (!button || button.getAttribute("aria-busy") === "true") return;
    // The width is pinned, so that nothing jumps while the words change.
    button.style.minInlineSize = `${button.offsetWidth}px`;
    button.setAttribute("aria-busy", "true");
    if (words) {
      button.dataset.idleWords = button.innerHTML;
      button.textContent = words;
    }
  };
  const setIdle = (button) => {
    button.removeAttribute("aria-busy");
    // An empty style attribute would be left behind, and a swap that copies it breaks the page's security policy.
    button.removeAttribute("style");
    if (button.dataset.idleWords) {
      button.innerHTML = button.dataset.idleWords;
      delete button.dataset.idleWords;
    }
  };
  const free = (form) => {
    delete form.dataset.sending;
    // A button may stand outside its form and name it.
    for (const button of form.elements) if (button.getAttribute("aria-busy") === "true") setIdle(button);
  };
  window.portalForms = { setBusy, setIdle };

  // A plain form: the second press is swallowed. An htmx form sends by itself and is guarded by the same mark.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || form.method === "get") return;
    if (form.dataset.sending !== undefined) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (event.defaultPrevented && !form.hasAttribute("hx-post")) return;
    form.dataset.sending = "";
    setBusy(buttonOf(form, event));
  }, true);
  // Back shows the page as it was left: without this its button would be busy for ever.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-sending]").forEach(free);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (form?.nodeName !== "FORM") return;
    // On the way to another page the button stays busy.
    if (event.detail.xhr?.getResponseHeader("HX-Redirect") && event.detail.successful) return;
    free(form);
  });

  // After a 422 the error slots have changed: mark the controls, then bring the person to the first of them.
  const controlOf = (slot) => document.querySelector(`[aria-describedby~="${CSS.escape(slot.id)}"]`)
    || slot.closest(".field")?.querySelector("input:not([type=hidden]), textarea, select");
  const markErrors = (form) => {
    let first = null;
    for (const slot of form.querySelectorAll(".field__error")) {
      const wrong = slot.textContent.trim() !== "";
      const control = controlOf(slot);
      if (!control) continue;
      if (wrong) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
      if (wrong && !first) first = control;
    }
    return first;
  };
  const focusFirstError = (form) => {
    const first = markErrors(form);
    const summary = document.getElementById("form-errors");
    const target = first || (summary?.textContent.trim() ? summary : null);
    if (!target) return;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
  };
  // The swaps come first and htmx settles their attributes 20 ms later; then the focus may move.
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (form?.nodeName === "FORM" && event.detail.xhr?.status === 422) window.setTimeout(() => focusFirstError(form), 30);
  });
  // A form that could not be sent says so, instead of going quiet.
  const failed = (event) => {
    const form = event.detail.elt;
    const summary = document.getElementById("form-errors");
    if (form?.nodeName !== "FORM" || !summary || event.detail.xhr?.status === 422) return;
    const heading = document.createElement("h2");
    const words = document.createElement("p");
    heading.textContent = "The portal did not take this";
    words.textContent = event.detail.xhr?.status
      ? `It answered with an error (${event.detail.xhr.status}). Nothing you entered is lost. Try again in a moment.`
      : "The connection was interrupted. Nothing you entered is lost. Check the network and try again.";
    summary.replaceChildren(heading, words);
    summary.focus();
  };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, failed);
  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form:has(.field__error:not(:empty))");
    if (form) focusFirstError(form);
  });

  // Counters count as the portal does: in characters, not in UTF-16 halves, and a line break is one.
  const count = (text) => [...text.replace(/\r\n?/g, "\n")].length;
  const showCount = (control) => {
    const box = document.getElementById(control.dataset.counter);
    if (!box) return;
    const limit = Number(box.dataset.limit);
    const length = count(control.value);
    box.textContent = `${length} of ${limit}`;
    box.classList.toggle("field__counter--near", length > limit * 0.9 && length <= limit);
    box.classList.toggle("field__counter--over", length > limit);
  };
  document.addEventListener("input", (event) => { if (event.target.dataset?.counter) showCount(event.target); });
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-counter]").forEach(showCount));

  // In a picker's search Enter searches; it does not send the form. Its Find button is only for pages without script.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches?.("[data-picker-search]")) return;
    event.preventDefault();
    window.htmx?.trigger(event.target, "search");
  });
})();
