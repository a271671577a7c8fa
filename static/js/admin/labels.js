/* Names for what select2 draws: its boxes take the label of the field they stand for. */
function name(select) {
  const box = select.nextElementSibling
  if (!box?.classList.contains("select2-container")) return
  const words = select.getAttribute("aria-label") || document.querySelector(`label[for="${select.id}"]`)?.textContent
  const label = words?.replace(/:\s*$/, "").trim() || select.name
  for (const part of box.querySelectorAll("[role=combobox], [role=textbox], .select2-search__field")) {
    part.removeAttribute("aria-labelledby")
    part.setAttribute("aria-label", label)
  }
}

const nameAll = (root) => root.querySelectorAll("select.admin-autocomplete").forEach(name)

const jQuery = window.django?.jQuery
jQuery?.(() => nameAll(document))
document.addEventListener("formset:added", ({ target }) => setTimeout(() => nameAll(target)))
// The search field is drawn anew each time a list opens.
jQuery?.(document).on("select2:open select2:close select2:select select2:unselect", ({ target }) => {
  setTimeout(() => {
    name(target)
    const open = document.querySelector(".select2-container--open .select2-search__field")
    open?.setAttribute("aria-label", target.getAttribute("aria-label") || target.name)
  })
})
