// What the browser tests ask a page; set up before it loads, past its content security policy.
window.refused = [];
document.addEventListener("securitypolicyviolation", (one) => {
  window.refused.push(`${one.violatedDirective} ${one.blockedURI}`);
});

window.look = {
  /** What reaches past the right edge, if the page can be scrolled sideways. */
  overflow() {
    const limit = document.documentElement.clientWidth;
    const wide = document.documentElement.scrollWidth - limit;
    if (wide <= 0) return [];
    const past = [...document.querySelectorAll("body *")].filter((tag) => tag.getBoundingClientRect().right > limit + 1);
    return [`${wide} too wide`, ...past.slice(0, 5).map((tag) => tag.outerHTML.slice(0, 120))];
  },

  /** Pictures that did not come. */
  broken() {
    return [...document.images].filter((one) => one.loading !== "lazy" && !one.naturalWidth).map((one) => one.src);
  },

  /** Whatever a page can keep on a device. */
  async kept() {
    return {
      cookie: document.cookie,
      local: localStorage.length,
      session: sessionStorage.length,
      databases: (await indexedDB.databases()).length,
      caches: "caches" in window ? (await caches.keys()).length : 0,
      workers: navigator.serviceWorker ? (await navigator.serviceWorker.getRegistrations()).length : 0,
    };
  },

  /** The element with focus: has it a ring, is it on the screen, does anything cover it. */
  focus() {
    const tag = document.activeElement;
    const box = tag.getBoundingClientRect();
    const style = getComputedStyle(tag);
    const within = (value, limit) => Math.min(Math.max(value, 1), limit - 1);
    // Of a link over two lines the middle of its box may be empty: look at its first line.
    const line = tag.getClientRects()[0] ?? box;
    const x = within(line.left + line.width / 2, innerWidth);
    const y = within(line.top + line.height / 2, innerHeight);
    const over = document.elementFromPoint(x, y);
    return {
      tag: tag.tagName,
      html: tag.outerHTML.slice(0, 100),
      ring: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none",
      inside: box.bottom > 0 && box.top < innerHeight && box.width > 0,
      covered: !over || !(tag.contains(over) || over.contains(tag)),
    };
  },

  /** SC 1.4.12: the spacing that a reader may set. */
  space() {
    for (const tag of document.querySelectorAll("body *")) {
      Object.assign(tag.style, { lineHeight: "1.5", letterSpacing: "0.12em", wordSpacing: "0.16em" });
    }
  },
};
