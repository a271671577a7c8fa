"""The six groups; crampinfo.site.roles gives them their permissions when the migrate that runs this has finished."""

from django.db import migrations

GROUPS = ("Editor", "Reviewer", "Medical reviewer", "Publisher", "Affiliate manager", "Compliance")


def make_groups(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for name in GROUPS:
        groups.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("site", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
