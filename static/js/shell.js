// Small conveniences of every page: menus, dialogs, toasts and keys. Everything here has a plain way as well.
(() => {
  const later = (fn, ms) => window.setTimeout(fn, ms);
  const typing = (element) => element?.closest?.("input, textarea, select, [contenteditable]");

  // Menus are <details>: they close on Escape, on a click elsewhere and when focus leaves them.
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (menu !== except) menu.open = false;
    }
  };
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest?.("details[data-menu]")));

  // Dialogs: data-dialog="id" opens, data-dialog-close closes, a click on the backdrop closes.
  const openDialog = (id) => {
    const dialog = document.getElementById(id);
    if (dialog?.showModal && !dialog.open) dialog.showModal();
  };

  const dismiss = (toast) => {
    const hadFocus = toast.contains(document.activeElement);
    toast.remove();
    if (hadFocus) document.getElementById("main")?.focus({ preventScroll: true });
  };

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest?.(selector);
    closeMenus(at("details[data-menu]"));
    const opener = at("[data-dialog]");
    if (opener) { closeMenus(); openDialog(opener.dataset.dialog); return; }
    const closer = at("[data-dialog-close]");
    if (closer) { closer.closest("dialog")?.close(); return; }
    if (event.target.nodeName === "DIALOG") {
      const box = event.target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      // Enter on a button inside reports a click at 0,0; only a real pointer may close.
      if (!inside && event.detail > 0) event.target.close();
      return;
    }
    const dismisser = at("[data-dismiss]");
    if (dismisser) dismiss(dismisser.closest("[data-toast]"));
  });

  // Good news leaves by itself, unless somebody is reading it; everything else waits to be dismissed.
  const ageToasts = () => {
    for (const toast of document.querySelectorAll(".toast--ok:not([data-aging]), .toast--info:not([data-aging])")) {
      toast.dataset.aging = "";
      const leave = () => (toast.matches(":hover, :focus-within") || toast.querySelector("form") ? later(leave, 4000) : toast.remove());
      later(leave, 10000);
    }
  };
  document.addEventListener("DOMContentLoaded", ageToasts);
  document.addEventListener("htmx:oobAfterSwap", ageToasts);

  // Keys: `/` searches, `?` lists the keys, `g` and a letter goes somewhere.
  const places = { o: "/", l: "/looks/", c: "/groups/", s: "/submissions/" };
  let going = false;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.querySelector("details[data-menu][open]");
      if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (going && places[event.key]) {
      going = false;
      event.preventDefault();
      window.location.assign(places[event.key]);
      return;
    }
    going = event.key === "g";
    if (going) later(() => { going = false; }, 1200);
    if (event.key === "/") {
      const search = document.querySelector("[data-shortcut-search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (event.key === "?") {
      event.preventDefault();
      openDialog("shortcuts");
    }
  });
})();
