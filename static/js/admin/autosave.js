/* Keeps a form in progress on the server, a few seconds after each change and at once when the page goes out of sight.
   Without this file a form is saved by its buttons alone. */
const gettext = window.gettext || ((text) => text)
const said = document.querySelector("[data-autosave]")
const form = said.closest("form")
const WAIT = 4000
const SMALL = 60000 // what a browser still sends after the page is gone

let kept = written()
let under = null
let timer = 0
let touched = false

function written() {
  const data = new FormData(form)
  data.delete("csrfmiddlewaretoken")
  return new URLSearchParams([...data].filter(([, value]) => typeof value === "string")).toString()
}

async function keep() {
  clearTimeout(timer)
  const now = written()
  if (under || now === kept) return
  const sent = new URLSearchParams(now)
  sent.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value)
  under = new AbortController()
  try {
    const answer = await fetch(said.dataset.autosave, {
      method: "POST",
      body: sent,
      signal: under.signal,
      redirect: "error",
      keepalive: now.length < SMALL,
    })
    if (!answer.ok) throw new Error(answer.status)
    const { at } = await answer.json()
    kept = now
    said.textContent = `${gettext("Your words are kept, not saved yet:")} ${at}`
  } catch (error) {
    if (error.name === "AbortError") return
    said.textContent = gettext("Your words could not be kept just now: you may be offline or signed out. They still stand in this form.")
    timer = setTimeout(keep, 5 * WAIT)
  } finally {
    under = null
  }
}

function soon() {
  // Until somebody has touched the form, what changes is the text editor and the rows setting up.
  if (!touched) {
    if (!("restored" in said.dataset)) kept = written()
    return
  }
  clearTimeout(timer)
  timer = setTimeout(keep, WAIT)
}

for (const kind of ["focusin", "keydown", "pointerdown"]) form.addEventListener(kind, () => { touched = true }, true)
for (const kind of ["input", "change"]) form.addEventListener(kind, soon)
window.django?.jQuery?.(form).on("change select2:select select2:unselect", soon)
addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") keep()
})
form.addEventListener("submit", (event) => {
  if (event.submitter?.classList.contains("preview-button")) return
  clearTimeout(timer)
  under?.abort()
  kept = written() // leaving the page now is no loss
})
