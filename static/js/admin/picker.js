/* The editor's way into the picture library: look, search, upload, and say what the picture shows in this text. */
const gettext = window.gettext || ((text) => text)

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (key in element && key !== "form") element[key] = value
    else element.setAttribute(key, value)
  }
  element.append(...children)
  return element
}

const labelled = (text, input, help = "") => make("label", {}, text, ...(help ? [make("small", {}, help)] : []), input)
const LOST = gettext("The library does not answer. Your session may have ended: sign in again in another tab.")

async function ask(address, options) {
  const answer = await fetch(address, { headers: { Accept: "application/json" }, ...options })
  if (!(answer.headers.get("Content-Type") || "").includes("json")) throw new Error(LOST)
  return [answer.ok, await answer.json()]
}

class Picker {
  constructor(base, current) {
    this.base = base
    this.current = current
    this.chosen = null
    this.page = 1
    this.build()
  }

  build() {
    this.search = make("input", { type: "search", placeholder: gettext("What it shows") })
    this.search.setAttribute("aria-label", gettext("Search the library"))
    this.status = make("p", { className: "picker-note" })
    this.status.setAttribute("role", "status")
    this.grid = make("fieldset", { className: "picker-grid" })
    this.more = make("button", { type: "button", className: "button", hidden: true }, gettext("Show more"))
    this.alt = make("input", { maxLength: 250 })
    this.caption = make("input", { maxLength: 300 })
    this.insert = make("button", { className: "button default", disabled: true }, this.label())
    this.error = make("p", { className: "picker-error", hidden: true })
    this.error.setAttribute("role", "alert")
    const title = make("h2", { id: "picker-title" }, gettext("Picture from the library"))
    const find = make("form", { className: "picker-search", role: "search" }, this.search,
      make("button", { className: "button" }, gettext("Search")))
    const cancel = make("button", { type: "button", className: "button" }, gettext("Cancel"))
    const foot = make("form", { className: "picker-foot" },
      make("div", { className: "picker-fields" },
        labelled(gettext("What it shows here"), this.alt, gettext("Read aloud to who can’t see it.")),
        ...(this.current?.captioned ? [] : [labelled(gettext("Caption, if any"), this.caption, gettext("Below it, for all."))])),
      this.error,
      make("div", { className: "picker-buttons" }, this.insert, cancel))
    this.upload = this.uploading()
    this.dialog = make("dialog", { className: "picker" },
      make("div", { className: "picker-head" }, title, find),
      make("div", { className: "picker-body", tabIndex: 0 }, this.status, this.grid,
        make("p", { className: "picker-more" }, this.more), this.upload),
      foot)
    this.dialog.setAttribute("aria-labelledby", title.id)
    this.dialog.querySelector(".picker-body").setAttribute("role", "region")
    this.dialog.querySelector(".picker-body").setAttribute("aria-label", gettext("Pictures"))

    find.addEventListener("submit", (event) => {
      event.preventDefault()
      this.load()
    })
    this.search.addEventListener("input", () => {
      clearTimeout(this.waiting)
      this.waiting = setTimeout(() => this.load(), 300)
    })
    this.more.addEventListener("click", () => this.load(this.next))
    foot.addEventListener("submit", (event) => {
      event.preventDefault()
      this.finish()
    })
    cancel.addEventListener("click", () => this.dialog.close())
  }

  label() {
    return this.current ? gettext("Change the picture") : gettext("Insert the picture")
  }

  open() {
    document.body.append(this.dialog)
    this.dialog.showModal()
    if (this.current) {
      this.alt.value = this.current.alt || ""
      this.alt.dataset.typed = "1"
    }
    this.load()
    return new Promise((resolve) => {
      this.dialog.addEventListener("close", () => {
        this.dialog.remove()
        resolve(this.result || null)
      })
    })
  }

  async load(page = 1) {
    const words = this.search.value.trim()
    const query = new URLSearchParams({ q: words, page })
    const turn = (this.turn = (this.turn || 0) + 1)
    try {
      const [, found] = await ask(`${this.base}choose/?${query}`)
      if (turn !== this.turn) return
      if (page === 1) this.grid.replaceChildren(make("legend", { className: "visually-hidden" }, gettext("Pictures")))
      for (const picture of found.pictures) this.show(picture)
      if (page === 1 && !words) await this.showCurrent()
      this.next = found.next
      this.more.hidden = !found.next
      this.upload.hidden = !found.mayAdd
      this.status.textContent = found.total
        ? `${found.total} ${found.total === 1 ? gettext("picture") : gettext("pictures")}`
        : words ? gettext("No picture with these words.") : gettext("The library is empty: upload the first one below.")
    } catch (error) {
      this.complain(error.message)
    }
  }

  async showCurrent() {
    if (!this.current || this.grid.querySelector(`[value="${this.current.id}"]`)) return
    const [, found] = await ask(`${this.base}choose/?id=${this.current.id}`)
    for (const picture of found.pictures) this.show(picture, true)
  }

  show(picture, first = false) {
    const radio = make("input", { type: "radio", name: "picker-picture", value: picture.id })
    const image = make("img", { alt: "", loading: "lazy", width: picture.width, height: picture.height })
    image.src = picture.thumb
    const box = make("label", { className: "picker-one" }, radio, image, make("span", {}, picture.alt),
      make("small", {}, `${picture.width} × ${picture.height}`))
    radio.addEventListener("change", () => this.choose(picture))
    if (first) this.grid.querySelector("legend").after(box)
    else this.grid.append(box)
    if (String(picture.id) === String((this.chosen || this.current)?.id)) {
      radio.checked = true
      this.choose(picture)
    }
    return radio
  }

  choose(picture) {
    this.chosen = picture
    if (!this.alt.dataset.typed) this.alt.value = picture.alt
    this.alt.oninput = () => {
      this.alt.dataset.typed = "1"
    }
    this.insert.disabled = false
    this.error.hidden = true
  }

  complain(words) {
    this.error.textContent = words
    this.error.hidden = false
  }

  finish() {
    if (!this.chosen) return this.complain(gettext("Choose a picture first."))
    if (!this.alt.value.trim()) {
      this.complain(gettext("Say what the picture shows: some readers hear it instead."))
      return this.alt.focus()
    }
    this.result = { id: String(this.chosen.id), alt: this.alt.value.trim(), caption: this.caption.value.trim() }
    return this.dialog.close()
  }

  /* A new picture, without leaving the text. */
  uploading() {
    const file = make("input", { type: "file", name: "upload", required: true,
      accept: "image/jpeg,image/png,image/webp,image/avif,image/gif" })
    const alt = make("input", { name: "alt", required: true, maxLength: 250 })
    const wrong = make("p", { className: "picker-error", hidden: true })
    wrong.setAttribute("role", "alert")
    const send = make("button", { className: "button" }, gettext("Upload"))
    const form = make("form", {}, make("div", { className: "picker-fields" },
      labelled(gettext("File"), file), labelled(gettext("What it shows"), alt), send), wrong)
    form.addEventListener("submit", async (event) => {
      event.preventDefault()
      const data = new FormData(form)
      data.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value)
      send.disabled = true
      wrong.hidden = true
      try {
        const [taken, answer] = await ask(`${this.base}take/`, { method: "POST", body: data })
        if (!taken) throw new Error(Object.values(answer.errors).flat().join(" "))
        form.reset()
        const radio = this.grid.querySelector(`[value="${answer.picture.id}"]`) || this.show(answer.picture, true)
        delete this.alt.dataset.typed
        radio.checked = true
        this.choose(answer.picture)
        radio.focus()
      } catch (error) {
        wrong.textContent = error.message
        wrong.hidden = false
      }
      send.disabled = false
    })
    return make("details", { className: "picker-upload", hidden: true },
      make("summary", {}, gettext("Upload a new one")), form)
  }
}

/* Lets somebody choose: gives {id, alt, caption}, or null when they leave it. current is what stands there now. */
export const pick = (base, current = null) => new Picker(base, current).open()
