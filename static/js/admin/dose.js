/* Elemental magnesium and its share of each limit, while an ingredient is typed. The server computes what is stored. */
const { fractions, limits } = JSON.parse(document.getElementById("dose-data").textContent)

const printed = (mg) => (mg >= 9.95 ? Math.round(mg) : Math.round(mg * 10) / 10)

function show(row) {
  const compound = row.querySelector("select[name$=-compound]")?.value
  const amount = Number.parseFloat(row.querySelector("input[name$=-compound_mg]")?.value)
  const perDay = Number.parseFloat(document.getElementById("id_servings_per_day")?.value)
  const elemental = amount * Number.parseFloat(fractions[compound])
  const output = row.querySelector("output.elemental")
  const shares = row.querySelector("output.of-limits")
  if (!output || !shares) return
  output.textContent = Number.isFinite(elemental) ? `${printed(elemental)} mg` : "–"
  shares.replaceChildren()
  if (!Number.isFinite(elemental * perDay)) return void shares.append("–")
  limits.forEach(([market, limit], place) => {
    const share = document.createElement("span")
    share.textContent = `${market} ${Math.round((elemental * perDay * 100) / Number(limit))} %`
    share.classList.toggle("over", printed(elemental * perDay) > Number(limit))
    shares.append(place ? " · " : "", share)
  })
}

function showAll() {
  for (const row of document.querySelectorAll("#ingredients-group tr.form-row:not(.empty-form)")) show(row)
}

document.addEventListener("input", ({ target }) => {
  if (target.id === "id_servings_per_day") showAll()
  else if (target.name?.startsWith("ingredients-")) show(target.closest("tr"))
})
// select2 tells jQuery alone that something was chosen.
window.django?.jQuery(document).on("change", "select[name$=-compound]", ({ target }) => show(target.closest("tr")))
