"""The page a link leads to; it stands in for HeyGen's own, records nothing, and works without script."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from . import clock, pages, previews, switches
from .api.consent import LINK_LIFETIME, give
from .models import ConsentLink, Group

ANSWERS = {
    "approve": "granted",
    "refuse": "rejected",
    "mismatch": "rejected",
    "expire": "",
}


def record(group: Group, answer: str) -> None:
    """Store a person's answer. ``expire`` only lets the open links die; the consent stays as it was."""
    if word := ANSWERS[answer]:
        give(group, word)
        group.links.filter(state="open").update(state="answered")
    else:
        group.links.filter(state="open").update(state="expired")


def _state(link: ConsentLink) -> str:
    if link.state == "open" and clock.now() >= link.issued_at + LINK_LIFETIME:
        return "expired"
    return link.state


def show(request: HttpRequest, token: str) -> HttpResponse:
    """The page itself, or what became of its link (410)."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    link = ConsentLink.objects.filter(token=token).select_related("group").first()
    if link is None:
        return pages.show(request, "sandbox/consent_gone.html", {"state": "unknown"}, status=404)
    state = _state(link)
    if state != "open":
        return pages.show(request, "sandbox/consent_gone.html", {"state": state}, status=410)
    if request.method == "POST":
        return _answer(request, link)
    look = link.group.looks.exclude(picture_file="", origin="photo").order_by("id").first()
    context = {
        "group": link.group,
        "picture": previews.image_url(look, "") if look else "",
        "wording": link.consent_text,
        "reroute_host": urlsplit(link.reroute_url).hostname or "",
    }
    return pages.show(request, "sandbox/consent.html", context, form_action=_origin(link.reroute_url))


def _answer(request: HttpRequest, link: ConsentLink) -> HttpResponse:
    answer = request.POST.get("answer", "")
    if not pages.same_origin(request) or answer not in ANSWERS:
        return pages.show(request, "sandbox/consent_gone.html", {"state": "odd"}, status=400)
    record(link.group, answer)
    if answer == "expire":
        return HttpResponseRedirect(reverse(show, args=[link.token]))
    ConsentLink.objects.filter(pk=link.pk).update(state="answered")
    target = _reroute(link.reroute_url, answer)
    return HttpResponseRedirect(target or f"{reverse(done, args=[link.token])}?answer={answer}")


def _reroute(url: str, answer: str) -> str:
    """Where the browser goes next; empty for our own page."""
    wanted = switches.value("reroute_redirect")
    if not url or wanted == "none":
        return ""
    if wanted == "bare":
        return url
    parts = urlsplit(url)
    extra = {"consent_status": ANSWERS[answer], "source": "heygen"}
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *extra.items()])))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else ""


def done(request: HttpRequest, token: str) -> HttpResponse:
    """Our own last page, when there is nowhere else to go."""
    answer = request.GET.get("answer", "")
    return pages.show(
        request, "sandbox/consent_done.html", {"answer": answer if answer in ANSWERS else "", "token": token}
    )
