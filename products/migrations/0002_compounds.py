"""The exact compounds of magnesium and the share of each that is magnesium.

Molar masses from standard atomic weights, share = 24.305 x n(Mg) / molar mass; where a published table exists
(Molecules 2021;26(9):2419, Table 1) it agrees to a tenth of a percent.
"""

from decimal import Decimal

from django.db import migrations

TABLE = "Molecules 2021;26(9):2419, Table 1"
COMPUTED = "computed: 24.305 × n(Mg) ÷ molar mass"

COMPOUNDS = [
    # slug, name, everyday name, formula, molar mass, share, note, source
    ("oxide", "Magnesium oxide", "oxide", "MgO", "40.30", "0.6030", "High share, low solubility.", TABLE),
    ("hydroxide", "Magnesium hydroxide", "hydroxide", "Mg(OH)2", "58.32", "0.4170", "Also a laxative and an antacid.", TABLE),
    ("carbonate", "Magnesium carbonate", "carbonate", "MgCO3", "84.31", "0.2880", "", TABLE),
    ("citrate-trimagnesium", "Trimagnesium dicitrate, anhydrous", "citrate", "Mg3(C6H5O7)2", "451.10", "0.1620",
     "The usual “16 %” citrate; the hydrogen citrate holds less.", COMPUTED),
    ("citrate-hydrogen", "Magnesium hydrogen citrate", "citrate", "C6H6MgO7", "214.41", "0.1130",
     "Monomagnesium citrate: “16 %” is wrong for it.", TABLE),
    ("bisglycinate", "Magnesium bisglycinate", "glycinate", "C4H8MgN2O4", "172.42", "0.1410",
     "“Buffered” means mixed with oxide, so the share is higher.", TABLE),
    ("malate", "Magnesium malate (1:1)", "malate", "C4H4MgO5", "156.37", "0.1550", "Dimagnesium malate differs.", TABLE),
    ("chloride-anhydrous", "Magnesium chloride, anhydrous", "chloride", "MgCl2", "95.21", "0.2550",
     "Supplements use the hexahydrate.", TABLE),
    ("chloride-hexahydrate", "Magnesium chloride hexahydrate", "chloride", "MgCl2·6H2O", "203.30", "0.1200", "", COMPUTED),
    ("sulfate-anhydrous", "Magnesium sulfate, anhydrous", "sulfate", "MgSO4", "120.37", "0.2010", "", TABLE),
    ("sulfate-heptahydrate", "Magnesium sulfate heptahydrate", "Epsom salt", "MgSO4·7H2O", "246.47", "0.0990", "", COMPUTED),
    ("taurate", "Magnesium taurate", "taurate", "C4H12MgN2O6S2", "272.57", "0.0890", "", TABLE),
    ("l-threonate", "Magnesium L-threonate", "threonate", "C8H14MgO10", "294.50", "0.0830", "The hydrate holds less.", TABLE),
    ("lactate", "Magnesium lactate", "lactate", "C6H10MgO6", "202.45", "0.1200", "", COMPUTED),
    ("orotate", "Magnesium orotate", "orotate", "C10H6MgN4O8", "334.48", "0.0730", "", COMPUTED),
]


def add(apps, schema_editor):
    compound = apps.get_model("products", "Compound")
    for slug, name, everyday, formula, mass, share, note, source in COMPOUNDS:
        compound.objects.get_or_create(
            slug=slug,
            defaults={
                "name": name, "everyday_name": everyday, "formula": formula, "molar_mass": Decimal(mass),
                "fraction": Decimal(share), "note": note, "source": source,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("products", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
