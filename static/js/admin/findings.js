/* What the gate found, shown where it stands: words are underlined in the text editor, quoted under plain fields, and
   selected when their finding is chosen. Nothing in the form is changed; without this script the panel says it all. */
const found = [...document.querySelectorAll(".findings [data-words]")]

// The folded letters of a text with the place each came from: the gate reads past accents, markup and invisible letters.
function folded(text) {
  const letters = []
  const places = []
  for (let at = 0; at < text.length; at += 1) {
    const plain = text[at].normalize("NFKD").replace(/[\u0300-\u036f\u200b-\u200f\u00ad\u2060\ufeff]/g, "").toLowerCase()
    for (const letter of /^\s$/.test(plain) ? " " : plain) {
      if (letter === " " && letters.at(-1) === " ") continue
      letters.push(letter)
      places.push(at)
    }
  }
  return { text: letters.join(""), places }
}

function placeOf(text, words) {
  const where = folded(text)
  const what = folded(words).text.trim()
  const at = what ? where.text.indexOf(what) : -1
  return at < 0 ? null : [where.places[at], where.places[at + what.length - 1] + 1]
}

// A text over several nodes as one string, and ranges in it.
function rangeIn(root, words) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const nodes = []
  let text = ""
  while (walker.nextNode()) {
    nodes.push([text.length, walker.currentNode])
    text += walker.currentNode.data
  }
  const place = placeOf(text, words)
  if (!place) return null
  const point = (index) => {
    const [start, node] = nodes.findLast(([from]) => from <= index) || nodes[0]
    return [node, index - start]
  }
  const range = document.createRange()
  range.setStart(...point(place[0]))
  const [node, offset] = point(place[1] - 1)
  range.setEnd(node, offset + 1)
  return range
}

function target(item) {
  const field = document.getElementById(item.dataset.target)
  const editor = field?.closest(".prose-editor")?.querySelector("[contenteditable]")
  return { field, editor }
}

function underline() {
  if (!globalThis.CSS?.highlights) return
  const groups = { blocks: new Highlight(), warns: new Highlight() }
  for (const item of found) {
    const { editor } = target(item)
    const range = editor && rangeIn(editor, item.dataset.words)
    if (range) groups[item.classList.contains("blocks") ? "blocks" : "warns"].add(range)
  }
  CSS.highlights.set("gate-blocks", groups.blocks)
  CSS.highlights.set("gate-warns", groups.warns)
}

// Under a plain field: the sentence with its words marked, read out with the field.
function quote(item, number) {
  const { field, editor } = target(item)
  const sentence = item.querySelector(".finding-quote")
  if (!field || editor || !sentence || field.type === "hidden") return
  const note = document.createElement("p")
  note.className = `finding-note ${item.classList.contains("blocks") ? "blocks" : "warns"}`
  note.id = `finding-note-${number}`
  const why = document.createElement("span")
  why.textContent = ` ${item.querySelector(".finding-go").textContent}`
  note.append(...[...sentence.childNodes].map((node) => node.cloneNode(true)), why)
  field.insertAdjacentElement("afterend", note)
  const described = field.getAttribute("aria-describedby")
  field.setAttribute("aria-describedby", [described, note.id].filter(Boolean).join(" "))
}

function choose(event, item) {
  const { field, editor } = target(item)
  if (!field) return
  event.preventDefault()
  const range = editor && rangeIn(editor, item.dataset.words)
  if (range) {
    editor.focus()
    getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset)
    range.startContainer.parentElement.scrollIntoView({ block: "center" })
    return
  }
  const place = typeof field.value === "string" && placeOf(field.value, item.dataset.words)
  const input = editor || field
  input.scrollIntoView({ block: "center" })
  input.focus()
  if (place && field.setSelectionRange && field.type !== "number") field.setSelectionRange(...place)
}

for (const [number, item] of found.entries()) {
  quote(item, number)
  item.querySelector(".finding-go")?.addEventListener("click", (event) => choose(event, item))
}

// The editor starts after this script; while somebody writes, words move.
underline()
for (const root of document.querySelectorAll(".prose-editor")) {
  new MutationObserver(underline).observe(root, { childList: true, subtree: true, characterData: true })
}
if (found.length) setTimeout(underline, 500)
