// Copy buttons: data-copy="the text", or data-copy-from="#id" of what holds it. They say "Copied" where the word Copy stood.
(() => {
  const say = (text) => {
    const live = document.getElementById("live");
    if (live) live.textContent = text;
  };

  const copiedLabel = (button) => button.querySelector("[data-copy-label]") || button;

  const confirmCopy = (button) => {
    const label = copiedLabel(button);
    if (button.dataset.copied === undefined) button.dataset.label = label.textContent;
    button.dataset.copied = "";
    label.textContent = "Copied";
    say(`${button.dataset.copyName || "Text"} copied`);
    window.setTimeout(() => {
      delete button.dataset.copied;
      label.textContent = button.dataset.label;
    }, 2000);
  };

  const selectText = (element) => {
    if (!element) return;
    if (element.select) { element.focus(); element.select(); return; }
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };

  const oldCopy = (text) => {
    const box = document.createElement("textarea");
    box.value = text;
    box.className = "visually-hidden";
    document.body.append(box);
    box.select();
    let done = false;
    try { done = document.execCommand("copy"); } catch { done = false; }
    box.remove();
    return done;
  };

  const copy = async (button) => {
    const source = button.dataset.copyFrom ? document.querySelector(button.dataset.copyFrom) : null;
    const text = button.dataset.copy || (source ? source.value ?? source.textContent : "");
    if (!text) return;
    // Without https the clipboard is closed to scripts; then the older way, and at last the text is selected for the person.
    try {
      await navigator.clipboard.writeText(text);
      confirmCopy(button);
    } catch {
      if (oldCopy(text)) { button.focus(); confirmCopy(button); return; }
      selectText(source || button.closest(".copy")?.querySelector(".copy__value"));
      say("The text is selected. Press Control C to copy it.");
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy], [data-copy-from]");
    if (!button) return;
    event.preventDefault();
    copy(button);
  });
})();
