"""The three roles, as groups with the rights they hold."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLES = {
    "marketer": ["create_avatars"],
    "lead": ["see_all_submissions"],
    "admin": ["create_avatars", "see_all_submissions", "see_all_consents", "see_activity"],
}


def make_roles(apps, schema_editor):
    # Django makes permissions after all migrations have run; the roles need them now.
    config = apps.get_app_config("avatars")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for role, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.add(*Permission.objects.filter(content_type__app_label="avatars", codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [
        ("avatars", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
