/* HTML as the editor gives it and as texts keep it: the same content, written one way. */

const parse = (html) => new DOMParser().parseFromString(`<body>${html}</body>`, "text/html").body

const only = (element, names) => [...element.children].every((child) => names.includes(child.localName))

/* From the editor's HTML to the way bodies are stored. */
export function tidy(html) {
  const body = parse(html)
  for (const link of body.querySelectorAll("a[data-offer]")) {
    if (link.getAttribute("href")) link.removeAttribute("data-offer")
    else link.removeAttribute("href")
  }
  for (const item of body.querySelectorAll("li")) {
    if (!item.dataset.loose) unwrap(item, ["p", "ul", "ol"])
    item.removeAttribute("data-loose")
  }
  for (const cell of body.querySelectorAll("td, th")) {
    unwrap(cell, ["p"])
    for (const name of ["colspan", "rowspan"]) if (cell.getAttribute(name) === "1") cell.removeAttribute(name)
  }
  for (const table of body.querySelectorAll("table")) head(table)
  for (const list of body.querySelectorAll("ol")) {
    list.removeAttribute("type")
    list.removeAttribute("data-type")
  }
  for (const image of body.querySelectorAll("img[data-picture]")) image.removeAttribute("src")
  for (const figure of body.querySelectorAll("figure, figcaption")) figure.removeAttribute("class")
  const text = body.innerHTML
  return /^<p><\/p>$/.test(text) ? "" : text
}

/* <li><p>text</p><ul>..</ul></li> becomes <li>text<ul>..</ul></li>; two paragraphs stay two paragraphs. */
function unwrap(element, allowed) {
  const paragraphs = [...element.children].filter((child) => child.localName === "p")
  if (paragraphs.length === 1 && only(element, allowed) && element.firstElementChild === paragraphs[0])
    paragraphs[0].replaceWith(...paragraphs[0].childNodes)
}

/* A first row of header cells is the table's head. */
function head(table) {
  const first = table.rows[0]
  if (!first || table.tHead || ![...first.cells].every((cell) => cell.localName === "th")) return
  for (const cell of first.cells) cell.scope ||= "col"
  table.createTHead().append(first)
}

/* Whether two texts say the same, whatever white space and equal spellings (b, strong) they use. */
export function same(left, right) {
  return canonical(left) === canonical(right)
}

const SPELLINGS = { b: "strong", i: "em", del: "s" }

function canonical(html) {
  const parts = []
  const walk = (node) => {
    if (node.nodeType === 3) {
      parts.push(node.textContent)
    } else if (node.nodeType === 1) {
      const name = SPELLINGS[node.localName] || node.localName
      const attributes = [...node.attributes].map(({ name, value }) => `${name}=${value}`).sort()
      parts.push(`<${name} ${attributes.join(" ")}>`)
      for (const child of node.childNodes) walk(child)
      parts.push(`</${name}>`)
    }
  }
  const body = parse(html)
  for (const paragraph of body.querySelectorAll("p")) if (!paragraph.childNodes.length) paragraph.remove()
  for (const child of body.childNodes) walk(child)
  return parts.join("").replace(/\s+/g, " ").replaceAll("> ", ">").replaceAll(" <", "<").trim()
}
