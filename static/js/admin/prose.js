/* The prose editor of bodies: django-prose-editor with a schema that keeps what our texts hold. A text with markup the
   editor would lose stays a plain field that says so. */
import {
  Blockquote, Bold, BulletList, Caption, Document, Dropcursor, Editor, Figure, Gapcursor, HTML,
  HardBreak, Heading, History, HorizontalRule, Image, Italic, Link, ListItem, Mark, Menu, Node, OrderedList, Paragraph,
  Strike, Subscript, Superscript, Table, TableCell, TableHeader, TableRow, Text, crel, initializeEditors,
} from "django-prose-editor/editor"
import { pick } from "crampinfo/picker"
import { same, tidy } from "crampinfo/prose-html"

const gettext = window.gettext || ((text) => text)

// A call-out: <aside class="tip">.
const Tip = Node.create({
  name: "tip",
  group: "block",
  content: "block+",
  defining: true,
  parseHTML: () => [{ tag: "aside" }],
  renderHTML: () => ["aside", { class: "tip" }, 0],
  addMenuItems({ buttons, menu }) {
    menu.defineItem({
      name: "tip",
      groups: "nodes",
      button: buttons.material("campaign", gettext("tip call-out")),
      command: (editor) => editor.chain().focus().toggleWrap("tip").run(),
      active: (editor) => editor.isActive("tip"),
    })
  },
})

// A link to a shop is a reference to an offer and has no address; typing an address makes it a plain link again.
const OfferLink = Link.extend({
  addOptions() {
    return { ...this.parent?.(), enableTarget: false, autolink: false }
  },
  addAttributes() {
    return {
      ...this.parent?.(),
      offer: {
        default: null,
        parseHTML: (element) => element.getAttribute("data-offer"),
        renderHTML: ({ offer }) => (offer ? { "data-offer": offer } : {}),
      },
      hreflang: { default: null },
    }
  },
  parseHTML() {
    return [{ tag: "a[data-offer]" }, ...(this.parent?.() || [])]
  },
})

// Items are written without a paragraph inside, as the Markdown of content files makes them, unless they came with one.
const TightItem = ListItem.extend({
  addAttributes() {
    return {
      ...this.parent?.(),
      loose: {
        default: false,
        parseHTML: (element) => element.firstElementChild?.localName === "p" && !leadingText(element),
        renderHTML: ({ loose }) => (loose ? { "data-loose": "1" } : {}),
      },
    }
  },
})

const leadingText = (element) => {
  const first = [...element.childNodes].find((node) => node.nodeType !== 3 || node.textContent.trim())
  return first?.nodeType === 3
}

// No dialog: a table has a header row, and grows from three by three.
const HeadedTable = Table.extend({
  addCommands() {
    return {
      ...this.parent?.(),
      insertTableWithOptions:
        () =>
        ({ commands }) =>
          commands.insertTable({ rows: 3, cols: 3, withHeaderRow: true }),
    }
  },
  // Without column widths the view needs no inline styles, which our policy for scripts and styles refuses.
  addNodeView: null,
})

const ScopedHeader = TableHeader.extend({
  addAttributes() {
    return { ...this.parent?.(), scope: { default: null } }
  },
})

const inline = (name, tag, attributes = []) =>
  Mark.create({
    name,
    addAttributes: () => Object.fromEntries(attributes.map((attribute) => [attribute, { default: null }])),
    parseHTML: () => [{ tag }],
    renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0],
  })

// Pictures are references to the library; the address that shows them here is no part of the text.
let library = ""
const LibraryImage = Image.extend({
  addAttributes: () => ({
    picture: {
      default: null,
      parseHTML: (element) => element.getAttribute("data-picture"),
      renderHTML: ({ picture }) => (picture ? { "data-picture": picture, src: `${library}${picture}/look/` } : {}),
    },
    alt: { default: null },
  }),
  parseHTML: () => [{ tag: "img[data-picture]" }],
  addInputRules: () => [],
})

/* The figure around the selection: its place, its node, what it holds. */
function figureAt({ selection }) {
  const { $from, node } = selection
  if (node?.type.name === "figure") return { pos: $from.pos, node }
  for (let depth = $from.depth; depth > 0; depth--)
    if ($from.node(depth).type.name === "figure") return { pos: $from.before(depth), node: $from.node(depth) }
  return null
}

const LibraryFigure = Figure.extend({
  addMenuItems({ buttons, menu }) {
    menu.defineItem({
      name: "figure",
      groups: "nodes",
      button: buttons.material("image", gettext("picture from the library")),
      option: crel("p", { textContent: gettext("picture") }),
      command: (editor) => editor.commands.editImage(),
      active: (editor) => editor.isActive("figure"),
    })
  },
  addCommands() {
    return {
      ...this.parent?.(),
      editImage:
        () =>
        ({ editor, state, dispatch }) => {
          if (dispatch) choosePicture(editor, figureAt(state))
          return true
        },
    }
  },
})

async function choosePicture(editor, figure) {
  const parts = figure ? figure.node.content.content : []
  const caption = parts.find((part) => part.type.name === "caption")
  const shown = parts.find((part) => part.type.name === "image")?.attrs
  const current = shown && { id: shown.picture, alt: shown.alt, captioned: Boolean(caption) }
  const chosen = await pick(library, current)
  if (!chosen) return void editor.commands.focus()
  const image = { type: "image", attrs: { picture: chosen.id, alt: chosen.alt } }
  const words = chosen.caption && { type: "caption", content: [{ type: "text", text: chosen.caption }] }
  const content = [image, ...(caption ? [caption.toJSON()] : words ? [words] : [])]
  const chain = editor.chain().focus()
  if (figure) chain.insertContentAt({ from: figure.pos, to: figure.pos + figure.node.nodeSize }, { type: "figure", content })
  else chain.insertContent({ type: "figure", content })
  chain.run()
}

const extensions = (headings) => [
  Document, Paragraph, Text, HardBreak, Dropcursor, Gapcursor, History, HTML,
  Heading.configure({ levels: headings }),
  Bold, Italic, Strike, Subscript, Superscript,
  inline("abbr", "abbr", ["title"]), inline("cite", "cite"), inline("quoted", "q"),
  BulletList, OrderedList.configure({ listTypes: [{ label: "1, 2, 3", type: "decimal", description: "" }] }), TightItem,
  Blockquote, HorizontalRule, Tip, OfferLink, HeadedTable, TableRow, ScopedHeader, TableCell,
  LibraryFigure, Caption, LibraryImage,
  Menu.configure({
    groups: [
      { group: "headings" }, { group: "marks" }, { group: "lists" }, { group: "nodes -headings -lists" },
      { group: "link" }, { group: "table" }, { group: "history" }, { group: "utility" },
    ],
  }),
]

function stayPlain(textarea, element) {
  element.before(textarea)
  element.remove()
  textarea.dataset.plain = "1"
  textarea.before(
    crel("p", {
      className: "prose-plain",
      textContent: gettext("This text holds markup that the editor would lose, so it is shown as HTML."),
    }),
  )
}

function create(textarea) {
  if (textarea.closest(".prose-editor") || textarea.dataset.plain) return
  const { headings, pictures } = JSON.parse(textarea.dataset.prose)
  library = pictures
  const label = document.querySelector(`label[for="${textarea.id}"]`)
  const element = crel("div", { className: "prose-editor" })
  textarea.before(element)
  element.append(textarea)
  const editor = new Editor({
    element,
    editable: !textarea.disabled,
    // Its styles are in admin-prose.css: a style element made by a script would be refused.
    injectCSS: false,
    extensions: extensions(headings),
    content: textarea.value,
    editorProps: {
      // What word processors paste; the schema keeps none of it, and the policy complains about every style.
      transformPastedHTML: (html) =>
        html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/\sstyle=("[^"]*"|'[^']*')/gi, ""),
      attributes: {
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": label ? label.textContent.trim() : textarea.name,
        lang: document.querySelector("[name=language]")?.value || "en-gb",
      },
    },
    onUpdate() {
      textarea.value = tidy(editor.getHTML())
      textarea.dispatchEvent(new Event("input", { bubbles: true }))
    },
  })
  if (!same(textarea.value, tidy(editor.getHTML()))) {
    editor.destroy()
    stayPlain(textarea, element)
    return
  }
  label?.addEventListener("click", () => editor.commands.focus())
  textarea.dispatchEvent(new CustomEvent("prose:ready", { detail: { editor }, bubbles: true }))
}

initializeEditors(create, "[data-prose]")
