"""The texts a page can't go without: disclosures in both languages, and the ten authorised magnesium claims.

Claims: Commission Regulation (EU) No 432/2012, Annex; condition: 15 % of the reference intake (375 mg) a day.
"""

from django.db import migrations

DISCLOSURES = {
    "en-gb": {
        "commission": "We earn a commission when you buy through links marked Paid link. Commission does not change our scores or order.",
        "commission_plain": "We also earn a commission when you buy through links marked Paid link.",
        "influenced": "Sellers paid to change the order or the shown scores of this list. Each row says who, how much and until when.",
        "placement": "A seller paid for the space marked Ad on this page.",
        "sample": "The maker sent us this product free.",
        "ownership": "We own this brand.",
        "not_tested": "We compared labels and published studies. We did not try this product.",
    },
    "es": {
        "commission": "Ganamos una comisión por las compras hechas a través de los enlaces marcados «Enlace pagado». La comisión no cambia nuestras puntuaciones ni el orden.",
        "commission_plain": "Además ganamos una comisión por las compras hechas a través de los enlaces marcados «Enlace pagado».",
        "influenced": "Hay vendedores que pagaron para cambiar el orden o las puntuaciones mostradas de esta lista. Cada fila dice quién, cuánto y hasta cuándo.",
        "placement": "Un vendedor pagó por el espacio marcado «Anuncio» en esta página.",
        "sample": "El fabricante nos envió este producto gratis.",
        "ownership": "Esta marca es nuestra.",
        "not_tested": "Comparamos etiquetas y estudios publicados. No hemos probado este producto.",
    },
}
FUNCTIONS = (
    "a reduction of tiredness and fatigue", "electrolyte balance", "normal energy-yielding metabolism",
    "normal functioning of the nervous system", "normal muscle function", "normal protein synthesis",
    "normal psychological function", "the maintenance of normal bones", "the maintenance of normal teeth",
)


def add(apps, schema_editor):
    disclosure = apps.get_model("editorial", "Disclosure")
    for language, texts in DISCLOSURES.items():
        for kind, text in texts.items():
            disclosure.objects.get_or_create(kind=kind, language=language, version=1, defaults={"text": text})
    claim = apps.get_model("editorial", "AuthorisedClaim")
    wordings = [f"Magnesium contributes to {function}" for function in FUNCTIONS]
    for market in ("EU", "GB"):
        for wording in [*wordings, "Magnesium has a role in the process of cell division"]:
            claim.objects.get_or_create(
                market=market, language="en-gb", nutrient="magnesium", wording=wording,
                defaults={"source": "Commission Regulation (EU) No 432/2012, Annex"},
            )


class Migration(migrations.Migration):
    dependencies = [("editorial", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
