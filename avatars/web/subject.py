"""The one page a person sees who comes back from HeyGen's consent page. It thanks, and knows nothing."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from avatars.consent import links
from avatars.models import ConsentLink


@login_not_required
@require_safe
def came_back(request: HttpRequest, slug: str) -> HttpResponse:
    """The same page for every slug, known or not, so that it tells nobody which links exist.

    Coming back proves nothing; it only makes a look at HeyGen worth while, which `came_back` keeps rare.
    """
    link = ConsentLink.objects.select_related("consent").filter(slug=slug).first()
    if link is not None and request.method == "GET":
        links.came_back(link)
    response = render(request, "subject/back.html")
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
