// Keeps badges fresh. The page's one poll is #badge-poll (htmx asks every 4 s); this script lets it rest while nobody
// looks, wakes it when somebody does, says so when the portal cannot be reached, and announces what changed.
(() => {
  const ERRORS = ["htmx:sendError", "htmx:responseError", "htmx:timeout"];
  const TIMEOUT_MS = 10000;
  let lastAnswer = Date.now();
  let signedOut = false;
  let news = [];

  const poll = () => document.getElementById("badge-poll");
  const isPoll = (event) => event.detail?.requestConfig?.elt?.id === "badge-poll" || event.detail?.elt?.id === "badge-poll";

  const wake = () => {
    const element = poll();
    if (!element || document.hidden || !window.htmx) return;
    signedOut = false;
    window.htmx.trigger(element, "poll-now");
  };
  // After sleep htmx's own timer goes on within its 4 s; here are the moments when people look.
  // Two wake-ups often come together (focus and visibilitychange): one question is enough.
  const wakeIfStale = () => { if (Date.now() - lastAnswer > 2000) wake(); };

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt?.id === "badge-poll") event.detail.timeout = TIMEOUT_MS;
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isPoll(event) && (document.hidden || signedOut)) event.preventDefault();
  });

  document.addEventListener("visibilitychange", wakeIfStale);
  window.addEventListener("focus", wakeIfStale);
  window.addEventListener("online", wake);
  // Back and forward bring the page as it was left, however long ago that was.
  window.addEventListener("pageshow", (event) => { if (event.persisted) wake(); });
  const ago = (ms) => {
    const seconds = Math.max(1, Math.round(ms / 1000));
    if (seconds < 60) return `${seconds} s`;
    return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
  };

  const note = () => document.getElementById("poll-note");
  const showTrouble = () => {
    const box = note();
    if (!box) return;
    box.textContent = `Last updated ${ago(Date.now() - lastAnswer)} ago - retrying`;
    box.hidden = false;
  };
  const showSignedOut = () => {
    const box = note();
    if (!box) return;
    const link = document.createElement("a");
    link.href = `/accounts/login/?next=${encodeURIComponent(window.location.pathname + window.location.search)}`;
    link.textContent = "Sign in again";
    box.replaceChildren("You are signed out, so this page no longer updates. ", link);
    box.hidden = false;
  };
  const clearTrouble = () => {
    const box = note();
    // An untouched page must stay untouched: this runs after every quiet poll.
    if (box && !box.hidden) { box.hidden = true; box.textContent = ""; }
  };

  for (const name of ERRORS) {
    document.addEventListener(name, (event) => {
      if (!isPoll(event)) return;
      const status = event.detail.xhr?.status;
      if (status === 401 || status === 403) { signedOut = true; showSignedOut(); }
      else showTrouble();
    });
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!isPoll(event) || !event.detail.successful) return;
    lastAnswer = Date.now();
    clearTrouble();
  });

  const fact = (badge) => badge?.dataset.status || badge?.dataset.consent || "";
  const announce = () => {
    const live = document.getElementById("live");
    if (live && news.length) live.textContent = news.join(". ");
    news = [];
  };

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const old = event.detail.target;
    if (!old?.classList?.contains("badge")) return;
    const fresh = event.detail.fragment.querySelector?.(".badge");
    if (!fresh || fact(fresh) === fact(old)) return;
    fresh.classList.add("badge--changed");
    const name = fresh.dataset.name || old.closest("[data-name]")?.dataset.name || "";
    const word = fresh.querySelector(".badge__word")?.textContent.trim() || "";
    const line = name ? `${name}: ${word.charAt(0).toLowerCase()}${word.slice(1)}` : word;
    // A look may be on the page twice; it is news once.
    if (!news.includes(line)) news.push(line);
    if (news.length === 1) window.setTimeout(announce, 60);
  });
})();
