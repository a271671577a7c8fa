"""Every address of the site."""

from allauth.account.decorators import secure_admin_login
from allauth.account.views import logout
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from crampinfo.site.planning import views as planning

# One way in and one way out, with the same limits and second factors for all.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
urlpatterns = [
    path("admin/logout/", logout),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/money/", include("crampinfo.site.affiliates.urls")),
    path("admin/planning/", admin.site.admin_view(planning.page), name="planning"),
    path("admin/", admin.site.urls),
    path("accounts/", include("crampinfo.site.signin.urls")),
    path("", include("products.urls")),
    path("", include("articles.urls")),
    path("", include("reviews.urls")),
    path("", include("crampinfo.site.urls")),
]
handler400 = "crampinfo.site.views.bad_request"
handler403 = "crampinfo.site.signin.views.refused"
handler404 = "crampinfo.site.views.not_found"
handler500 = "crampinfo.site.views.server_error"
handler429 = "crampinfo.site.signin.views.too_many"  # allauth asks for it
