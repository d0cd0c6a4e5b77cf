// How an upload looks: its row, its preview, its checks and its words. upload.js moves the files.
(() => {
  const words = (bytes) => {
    let amount = bytes;
    for (const unit of ["B", "KB", "MB"]) {
      if (amount < 999.5) return `${unit === "MB" && amount < 100 ? amount.toFixed(1) : Math.round(amount)} ${unit}`;
      amount /= 1000;
    }
    return `${amount.toFixed(1)} GB`;
  };
  const left = (seconds) => (seconds < 90 ? `${Math.max(1, Math.round(seconds))} s left` : `${Math.round(seconds / 60)} min left`);
  const part = (item, name) => item.querySelector(`[data-upload-${name}]`);
  const rootOf = (item) => item.closest("[data-upload]");
  const itemsOf = (root) => [...root.querySelectorAll("[data-upload-item]")];
  const limitOf = (root) => Number(root.dataset.maxFiles) || 1;
  const say = (text) => {
    const live = document.getElementById("live");
    if (live) live.textContent = text;
  };
  const complain = (root, text) => {
    const slot = root.querySelector(".field__error");
    if (slot) slot.textContent = text;
    if (text) say(text);
  };

  const refresh = (root) => {
    root.classList.toggle("upload--full", itemsOf(root).length >= limitOf(root));
    const mirror = document.querySelector(`[data-mirror="${CSS.escape(root.dataset.field)}"]`);
    if (!mirror) return;
    // The page may show a larger copy of what will be sent; its own words come back when nothing is chosen.
    const picture = root.querySelector("[data-upload-preview] > img, [data-upload-preview] > video")?.cloneNode(true);
    mirror.querySelector("[data-mirror-picture]")?.remove();
    if (!picture) return;
    picture.dataset.mirrorPicture = "";
    if (picture.nodeName === "VIDEO") picture.controls = true;
    mirror.append(picture);
  };

  const preview = (item, source, type) => {
    const place = part(item, "preview");
    const picture = document.createElement(type.startsWith("video/") ? "video" : "img");
    if (picture.nodeName === "VIDEO") Object.assign(picture, { muted: true, playsInline: true, preload: "metadata" });
    else picture.alt = "";
    // Some kinds (HEIC) no browser can show: then the icon stays.
    const icon = place.innerHTML;
    picture.addEventListener("error", () => { if (picture.isConnected) { place.innerHTML = icon; refresh(rootOf(item)); } });
    picture.src = source;
    place.replaceChildren(picture);
  };

  const showState = (item, state) => {
    item.dataset.state = state;
    part(item, "progress").hidden = state !== "sending";
    part(item, "cancel").hidden = state !== "sending";
    part(item, "retry").hidden = state !== "failed";
    part(item, "remove").hidden = state === "sending";
    part(item, "replace").hidden = state !== "kept" || limitOf(rootOf(item)) > 1;
  };

  const showChecks = (item, checks) => {
    const list = part(item, "checks");
    list.replaceChildren(...(checks || []).map((check) => {
      const line = document.createElement("li");
      const text = document.createElement("span");
      line.className = `check--${check.level}`;
      text.textContent = check.text;
      const icon = rootOf(item).querySelector(`template[data-upload-check="${CSS.escape(check.level)}"]`);
      if (icon) line.append(icon.content.cloneNode(true));
      line.append(text);
      return line;
    }));
  };

  window.uploadView = { words, left, part, rootOf, itemsOf, limitOf, say, complain, refresh, preview, showState, showChecks };
})();
