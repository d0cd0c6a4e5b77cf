// Drop zones. A file starts on its way as soon as it is chosen; the form then posts only the id it was kept under.
(() => {
  const { words, left, part, rootOf, itemsOf, limitOf, say, complain, refresh, preview, showState, showChecks } = window.uploadView;
  const states = new WeakMap();
  const sending = new Set();

  const setState = (item, state) => {
    showState(item, state);
    if (state === "sending") sending.add(item);
    else sending.delete(item);
  };

  const accepts = (input, file) => {
    const kinds = (input.accept || "").split(",").map((kind) => kind.trim().toLowerCase()).filter(Boolean);
    if (!kinds.length || !file.type) return true;
    const name = file.name.toLowerCase();
    return kinds.some((kind) => (kind.startsWith(".") ? name.endsWith(kind)
      : kind.endsWith("/*") ? file.type.startsWith(kind.slice(0, -1)) : file.type === kind));
  };

  const succeed = (item, answer) => {
    const root = rootOf(item);
    const kept = document.createElement("input");
    Object.assign(kept, { type: "hidden", name: root.dataset.keptName, value: answer.id });
    item.append(kept);
    part(item, "facts").textContent = words(answer.size ?? states.get(item).file.size);
    showChecks(item, answer.checks);
    if (answer.preview && !part(item, "preview").querySelector("img, video")) preview(item, answer.preview, "image/");
    setState(item, "kept");
    refresh(root);
    say(`${states.get(item).file.name}: uploaded`);
    settle(root.closest("form"));
  };
  const fail = (item, text) => {
    part(item, "facts").textContent = text;
    setState(item, "failed");
    say(text);
    settle(rootOf(item).closest("form"));
  };

  const reason = (xhr) => {
    let error = null;
    try { error = JSON.parse(xhr.responseText).error; } catch { /* Not ours: a proxy's page, perhaps. */ }
    if (xhr.status === 401) return "You are signed out. Sign in again in another tab, then press Retry.";
    if (error) return typeof error === "string" ? error : error.message;
    if (xhr.status === 413) return "The file is larger than the portal takes. Choose a smaller one.";
    return `The portal answered with an error (${xhr.status}). Press Retry in a moment.`;
  };

  const send = (item) => {
    const root = rootOf(item);
    const form = root.closest("form");
    const { file } = states.get(item);
    const xhr = new XMLHttpRequest();
    const body = new FormData();
    body.append("role", root.dataset.role);
    body.append("file", file, file.name);
    states.get(item).xhr = xhr;
    const started = Date.now();
    let shown = 0;
    xhr.upload.addEventListener("progress", (event) => {
      const now = Date.now();
      if (now - shown < 200 && event.loaded < event.total) return;
      shown = now;
      const percent = Math.floor((event.loaded / event.total) * 100);
      const speed = event.loaded / Math.max(0.2, (now - started) / 1000);
      part(item, "progress").value = percent;
      part(item, "facts").textContent = event.loaded >= event.total ? `${words(file.size)}, checking the file`
        : `${percent} % of ${words(file.size)}, ${words(speed)}/s, ${left((event.total - event.loaded) / speed)}`;
    });
    xhr.addEventListener("load", () => {
      let answer = null;
      try { answer = JSON.parse(xhr.responseText); } catch { /* handled as a failure below */ }
      if (xhr.status >= 200 && xhr.status < 300 && answer?.id) succeed(item, answer);
      else fail(item, reason(xhr));
    });
    xhr.addEventListener("error", () => fail(item, "The connection was interrupted. Check the network, then press Retry."));
    xhr.open("POST", form.dataset.uploadUrl);
    xhr.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]")?.value || "");
    xhr.setRequestHeader("Accept", "application/json");
    part(item, "progress").value = 0;
    part(item, "facts").textContent = `${words(file.size)}, starting`;
    setState(item, "sending");
    xhr.send(body);
  };

  const drop = (item) => {
    const root = rootOf(item);
    const state = states.get(item);
    sending.delete(item);
    state?.xhr?.abort();
    item.remove();
    if (state) URL.revokeObjectURL(state.url);
    refresh(root);
    settle(root.closest("form"));
  };

  const take = (root, files) => {
    const input = root.querySelector("input[type=file]");
    complain(root, "");
    for (const file of files) {
      const most = Number(root.dataset.maxBytes) || Infinity;
      if (!accepts(input, file)) { complain(root, `${file.name} cannot be used here. Choose one of the kinds named above.`); continue; }
      if (file.size > most) { complain(root, `${file.name} has ${words(file.size)}; the limit is ${words(most)}. Choose a smaller file, or shorten it.`); continue; }
      if (limitOf(root) === 1) itemsOf(root).forEach(drop);
      else if (itemsOf(root).length >= limitOf(root)) { complain(root, `${limitOf(root)} at most. Remove one to add ${file.name}.`); break; }
      const item = root.querySelector("template[data-upload-template]").content.firstElementChild.cloneNode(true);
      root.querySelector("[data-upload-list]").append(item);
      states.set(item, { file, url: URL.createObjectURL(file) });
      part(item, "name").textContent = file.name;
      if (/^(image|video)\//.test(file.type)) preview(item, states.get(item).url, file.type);
      refresh(root);
      send(item);
    }
    // Emptied, so that the form does not carry the file a second time.
    input.value = "";
  };

  // Whoever presses the button while a file is on its way waits for it, instead of being refused.
  const waiting = new WeakMap();
  const busyIn = (form) => [...sending].some((item) => form.contains(item));
  const settle = (form) => {
    const button = form && waiting.get(form);
    if (!button || busyIn(form)) return;
    waiting.delete(form);
    window.portalForms?.setIdle(button);
    const failed = form.querySelector("[data-upload-item][data-state=failed] [data-upload-retry]");
    if (failed) failed.focus();
    else form.requestSubmit(button);
  };
  window.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset?.uploadUrl || !busyIn(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter || form.querySelector("button[type=submit]:not([tabindex='-1'])");
    if (!waiting.has(form)) window.portalForms?.setBusy(button, "Waiting for the upload…");
    waiting.set(form, button);
  }, true);
  window.addEventListener("beforeunload", (event) => { if (sending.size) event.preventDefault(); });

  const zoneAt = (event) => event.target.closest?.("[data-upload]");
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-upload] input[type=file]")) take(zoneAt(event), [...event.target.files]);
  });
  document.addEventListener("click", (event) => {
    const item = event.target.closest?.("[data-upload-item]");
    if (!item) return;
    const pressed = (name) => event.target.closest(`[data-upload-${name}]`);
    const input = rootOf(item).querySelector("input[type=file]");
    if (pressed("cancel") || pressed("remove")) { drop(item); input.focus(); }
    else if (pressed("retry")) send(item);
    else if (pressed("replace")) input.click();
  });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      if (!hasFiles(event)) return;
      // A file let go beside the zone must not replace the page.
      event.preventDefault();
      const zone = zoneAt(event);
      for (const other of document.querySelectorAll(".upload--over")) if (other !== zone || name === "drop") other.classList.remove("upload--over");
      if (!zone) return;
      zone.classList.toggle("upload--over", name === "dragenter" || name === "dragover");
      if (name === "drop") take(zone, [...event.dataTransfer.files]);
    });
  }
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files || [])];
    const zone = zoneAt(event) || document.querySelector("[data-upload]");
    if (files.length && zone) { event.preventDefault(); take(zone, files); }
  });
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-upload]").forEach(refresh));
})();
