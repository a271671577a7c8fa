/* Rows with a position: two buttons move a row up or down, and the numbers follow. Without this the numbers are typed. */
const gettext = window.gettext || ((text) => text)
const rowsOf = (group) => [...group.querySelectorAll(group.dataset.inlineType === "tabular" ? "tr.form-row" : ".inline-related")]
  .filter((row) => !row.classList.contains("empty-form") && row.closest(".inline-group") === group && field(row))
const field = (row) => row.querySelector("input[name$=-position]")

function number(group) {
  rowsOf(group).forEach((row, place) => {
    field(row).value = place + 1
  })
}

function move(row, step) {
  const group = row.closest(".inline-group")
  const rows = rowsOf(group)
  const other = rows[rows.indexOf(row) + step]
  if (!other) return
  if (step < 0) other.before(row)
  else other.after(row)
  number(group)
}

function equip(row) {
  const input = field(row)
  if (!input || input.parentElement.querySelector(".mover")) return
  for (const [step, sign, words] of [[-1, "↑", gettext("Move up")], [1, "↓", gettext("Move down")]]) {
    const button = document.createElement("button")
    button.type = "button"
    button.className = "mover"
    button.textContent = sign
    button.setAttribute("aria-label", words)
    button.addEventListener("click", () => {
      move(row, step)
      button.focus()
    })
    input.after(button)
  }
}

for (const fieldset of document.querySelectorAll("fieldset.sortable")) {
  const group = fieldset.closest(".inline-group")
  for (const row of rowsOf(group)) equip(row)
}
document.addEventListener("formset:added", ({ target }) => {
  const group = target.closest(".inline-group")
  if (!group?.querySelector("fieldset.sortable")) return
  equip(target)
  const input = field(target)
  if (input) input.value = rowsOf(group).length
})
