// Shows each weight's share of the whole while the reader types. Without it the form works all the same.
for (const form of document.querySelectorAll("[data-weights]")) {
  const fields = [...form.querySelectorAll("input")];
  const bars = form.previousElementSibling?.querySelectorAll("rect") ?? [];
  const weight = (field) => Math.max(0, Number(field.value.trim().replace(",", ".")) || 0);

  const show = () => {
    const total = fields.reduce((sum, field) => sum + weight(field), 0);
    let start = 0;
    fields.forEach((field, index) => {
      const share = total ? (weight(field) / total) * 100 : 0;
      field.parentElement.querySelector("[data-share]").textContent = `${Math.round(share)} %`;
      bars[index]?.setAttribute("x", `${start}%`);
      bars[index]?.setAttribute("width", `${share}%`);
      start += share;
    });
  };

  form.addEventListener("input", show);
  show();
}
