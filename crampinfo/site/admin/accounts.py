"""Accounts and groups; the table of roles is the truth about groups, so they are only read here."""

from __future__ import annotations

from typing import Any

from allauth.account.admin import EmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.admin import AuthenticatorAdmin
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, User
from django.contrib.redirects.admin import RedirectAdmin as PlainRedirectAdmin
from django.contrib.redirects.models import Redirect
from django.contrib.sites.admin import SiteAdmin as PlainSiteAdmin
from django.contrib.sites.models import Site
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crampinfo.editorial.admin import HouseAdmin, ReadOnly
from crampinfo.site import roles
from crampinfo.site.models import ImportRecord
from crampinfo.site.signin import secondfactor

# Their modules register these when they are imported, as above; ours stand in their place. One site needs no menu, no
# address is confirmed by mail, and a form of second factors would show their secrets.
for model, plain in (
    (User, UserAdmin),
    (Group, GroupAdmin),
    (Redirect, PlainRedirectAdmin),
    (Site, PlainSiteAdmin),
    (EmailAddress, EmailAddressAdmin),
    (Authenticator, AuthenticatorAdmin),
):
    if type(admin.site._registry.get(model)) is plain:
        admin.site.unregister(model)


class AccountForm(UserChangeForm):
    """An account that could score and sell is refused in the form already."""

    def clean_groups(self) -> Any:
        """See roles.NEVER_TOGETHER."""
        groups = self.cleaned_data["groups"]
        roles.refuse_seller_and_scorer(groups.values_list("name", flat=True))
        return groups


@admin.register(User)
class AccountAdmin(UserAdmin):
    """People who can sign in. A role is a group; permissions of single people are not given out."""

    form = AccountForm
    list_display = ("username", "first_name", "last_name", "roles", "has_second_factor", "is_active", "last_login")
    actions = ("reset_second_factor",)
    list_filter = ("is_active", "is_superuser", "groups")
    search_fields = ("username", "first_name", "last_name", "email")
    filter_horizontal = ("groups",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": (("first_name", "last_name"), "email")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (_("Dates"), {"fields": (("last_login", "date_joined"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the groups, and whether there is a second factor."""
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=secondfactor.KINDS)
        return super().get_queryset(request).prefetch_related("groups").annotate(second_factor=Exists(factors))

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        """The groups."""
        named = ", ".join(group.name for group in user.groups.all())
        return named or (str(_("operator")) if user.is_superuser else "–")

    @admin.display(description=_("second factor"), boolean=True)
    def has_second_factor(self, user: Any) -> bool:
        """An authenticator app or a passkey."""
        return bool(user.second_factor)

    @admin.action(description=_("Reset the second factor, and sign out everywhere"), permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """For people who lost phone, key and recovery codes; ask them in person before."""
        for user in chosen:
            secondfactor.reset(user)
            self.log_change(request, user, _("Reset the second factor."))
        count = len(chosen)
        said = ngettext(
            "%s account signs in with its password alone until it sets up a second factor again.",
            "%s accounts sign in with their passwords alone until they set up a second factor again.",
            count,
        )
        self.message_user(request, said % count, messages.SUCCESS)


@admin.register(Group)
class RoleAdmin(ReadOnly, GroupAdmin):
    """What each role may do. It is one table in the code, applied at every migrate: to be read, not edited."""

    list_display = ("name", "people")
    fields = ("name", "allowed")
    readonly_fields = ("allowed",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the people."""
        return super().get_queryset(request).prefetch_related("user_set")

    @admin.display(description=_("people"))
    def people(self, group: Group) -> str:
        """Who is in it."""
        return ", ".join(str(user) for user in group.user_set.all()) or "–"

    @admin.display(description=_("may"))
    def allowed(self, group: Group) -> str:
        """In words."""
        rows = group.permissions.select_related("content_type").order_by("content_type__app_label", "name")
        return "; ".join(row.name.removeprefix("Can ") for row in rows)


@admin.register(ImportRecord)
class ImportRecordAdmin(ReadOnly, HouseAdmin):
    """What came from content files."""

    list_display = ("kind", "slug", "imported_at")
    list_filter = ("kind",)
    search_fields = ("slug",)
    date_hierarchy = "imported_at"
