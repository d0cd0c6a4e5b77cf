"""Addresses of the whole site. The health addresses are answered by a middleware, before any of these."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import include, path


@login_not_required
def favicon(_request: HttpRequest) -> HttpResponse:
    """Browsers ask here on pages that name no icon of their own, such as Django's admin."""
    return redirect(static("img/favicon.svg"), permanent=True)


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for developers."""
    return render(request, "styleguide/index.html")


urlpatterns = [
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("favicon.ico", favicon, name="favicon"),
    path("", include("avatars.web.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))
