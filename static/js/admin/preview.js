/* The preview beside the form, or over it: the button sends the form into the frame of a dialog, which this opens.
   Without this file there is no frame of that name, and the page opens in a tab of its own. */
const gettext = window.gettext || ((text) => text)
const dialog = document.querySelector("dialog.preview")
const button = document.querySelector(".preview-button")
const said = dialog.querySelector("[role=status]")
const roomForBoth = matchMedia("(min-width: 75rem)")

// At a phone's width it stands beside the form, so that somebody writes on and presses Update.
function open() {
  const phone = dialog.querySelector("[value=phone]").checked
  if (dialog.open) dialog.close()
  if (phone && roomForBoth.matches) dialog.show()
  else dialog.showModal()
}

// A new frame for every rendering: each would otherwise be one more step for the browser's Back button.
function renew() {
  const old = dialog.querySelector("iframe")
  const top = old.contentDocument ? old.contentWindow.scrollY : 0
  const frame = old.cloneNode()
  old.replaceWith(frame)
  frame.addEventListener("load", () => loaded(frame, top))
  say(gettext("One moment …"))
}

function loaded(frame, top) {
  const page = frame.contentDocument
  if (!page) {
    say(gettext("No answer could be shown: you may have been signed out. What you wrote still stands in the form; press Save, and the next page keeps it until you have signed in again."))
    return
  }
  if (page.URL === "about:blank") return
  const refused = "refused" in page.body.dataset
  say(refused ? gettext("Not shown yet.") : gettext("As it stands in the form. Nothing is saved."))
  frame.contentWindow.scrollTo({ top, behavior: "instant" })
  page.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-field]")
    if (!link) return
    event.preventDefault()
    lead(link.dataset.field)
  })
}

function say(words) {
  said.textContent = words
}

// To a field of the form, which may be folded away or stand behind a widget of its own.
function lead(id) {
  const field = document.getElementById(id) || document.querySelector(`[id^="${CSS.escape(id)}_"]`)
  if (!field) return
  if (dialog.matches(":modal")) dialog.close()
  field.closest("details")?.setAttribute("open", "")
  const box = field.closest(".prose-editor")?.querySelector(".ProseMirror")
    || field.nextElementSibling?.querySelector?.(".select2-selection")
    || field
  box.scrollIntoView({ block: "center" })
  box.focus()
}

button.addEventListener("click", () => {
  renew()
  open()
})
dialog.addEventListener("change", open)
dialog.addEventListener("click", ({ target }) => {
  const wish = target.closest("[data-preview]")?.dataset.preview
  if (wish === "update") button.click()
  if (wish === "close") dialog.close()
})
dialog.addEventListener("keydown", (event) => {
  if (event.key === "Escape") dialog.close()
})
