/* The focal point of a picture: click or drag, or move it with the arrow keys. The two number fields are the truth, and
   all there is without this script. */
const gettext = window.gettext || ((text) => text)
const stage = document.querySelector("[data-focus]")
const fields = ["x", "y"].map((axis) => document.getElementById(`id_focus_${axis}`))
const percent = (value) => Math.min(100, Math.max(0, Math.round(Number(value) || 0)))
const point = () => fields.map((field) => percent(field.value))

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

function words([x, y]) {
  return gettext("Focal point: %(x)s % from the left, %(y)s % from the top").replace("%(x)s", x).replace("%(y)s", y)
}

/* The same window as the server draws: what lies at 30 % of the picture lies at 30 % of the cut. */
function cut(svg, [x, y]) {
  const [across, down] = svg.dataset.crop.split("/").map(Number)
  const image = svg.querySelector("image")
  const width = Number(image.getAttribute("width"))
  const height = Number(image.getAttribute("height"))
  const inner = [Math.min(width, (height * across) / down), Math.min(height, (width * down) / across)]
  const box = [((width - inner[0]) * x) / 100, ((height - inner[1]) * y) / 100, ...inner]
  svg.setAttribute("viewBox", box.map((number) => number.toFixed(1)).join(" "))
}

function equip() {
  const mark = document.createElement("button")
  mark.type = "button"
  mark.className = "focus-mark"
  const help = document.createElement("p")
  help.className = "help"
  help.id = "focus-help"
  help.textContent = gettext("Click what must stay when the picture is cut, or move the mark with the arrow keys.")
  mark.setAttribute("aria-describedby", help.id)
  const said = document.createElement("p")
  said.className = "visually-hidden"
  said.setAttribute("role", "status")
  stage.append(mark)
  stage.after(help, said)
  stage.classList.add("is-ready")

  const draw = () => {
    const [x, y] = point()
    mark.style.left = `${x}%`
    mark.style.top = `${y}%`
    mark.setAttribute("aria-label", words([x, y]))
    for (const svg of document.querySelectorAll("[data-crop]")) cut(svg, [x, y])
  }
  const move = (x, y, aloud = false) => {
    fields[0].value = percent(x)
    fields[1].value = percent(y)
    for (const field of fields) field.dispatchEvent(new Event("change", { bubbles: true }))
    draw()
    if (aloud) said.textContent = words(point())
  }
  const follow = (event) => {
    const box = stage.querySelector("img").getBoundingClientRect()
    move(((event.clientX - box.left) / box.width) * 100, ((event.clientY - box.top) / box.height) * 100)
  }
  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return
    event.preventDefault()
    stage.setPointerCapture(event.pointerId)
    follow(event)
    mark.focus({ preventScroll: true })
  })
  stage.addEventListener("pointermove", (event) => {
    if (stage.hasPointerCapture(event.pointerId)) follow(event)
  })
  mark.addEventListener("keydown", (event) => {
    const step = STEPS[event.key]
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const [x, y] = point()
    const far = event.shiftKey ? 10 : 1
    move(x + step[0] * far, y + step[1] * far, true)
  })
  for (const field of fields) field.addEventListener("input", draw)
  draw()
}

if (stage && fields.every(Boolean)) equip()
