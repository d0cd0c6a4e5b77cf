"""Asking for consent, sending the link, and the register of all consents."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from avatars.consent import links, mail
from avatars.models import AvatarGroup, Consent, Message
from avatars.states import WrongMove
from avatars.web import access, badges, browsing, consent_panel, groups, history, register
from avatars.web.access import needs
from avatars.web.consent_panel import ON_GROUP, ON_RECORD, AskForm, Panel, SendForm
from avatars.web.http import PortalRequest

_ROLES = (access.CREATE, access.SEE_ALL_CONSENTS)
_TOO_LATE = "The link has ended or was replaced. Make a new one and send that."


def _get_group_to_manage(request: PortalRequest, pk: int) -> AvatarGroup:
    """The character, for those who look after its consent; 403 for everybody else."""
    group = get_object_or_404(AvatarGroup, pk=pk)
    if not consent_panel.may_manage(request.user, Consent.objects.filter(group=group).first()):
        raise PermissionDenied
    return group


def _get_consent_for(request: PortalRequest, pk: int) -> Consent:
    """The consent with everything its record shows; 404 for those who may not know of it."""
    consents = access.visible_consents(request.user).select_related("group", "owner", "subject")
    return get_object_or_404(consents, pk=pk)


def _page(request: PortalRequest) -> str:
    """Which of the two pages that hold the panel sent the request."""
    sent = request.POST.get("page") or request.GET.get("page")
    return ON_RECORD if sent == ON_RECORD else ON_GROUP


def _done(request: PortalRequest, group: AvatarGroup, *, said: str = "", problem: str = "") -> HttpResponse:
    """After a deed: the fresh panel with its badges and the poll for htmx, else back to the page it came from."""
    page = _page(request)
    if not browsing.by_htmx(request):
        if said or problem:
            (messages.error if problem else messages.success)(request, problem or said)
        consent = Consent.objects.filter(group=group).first()
        target = redirect("consent", consent.pk) if page == ON_RECORD and consent else redirect("group", group.pk)
        target["Location"] += "#consent-panel"
        return target
    group = AvatarGroup.objects.get(pk=group.pk)
    panel = consent_panel.facts(request.user, group, page=page)
    marks = badges.of_groups(AvatarGroup.objects.filter(pk=group.pk), shows=badges.BOTH | badges.OPEN, oob=True)
    context = {
        "panel": panel,
        "oob": True,
        "marks": marks[group.pk],
        "poll": badges.poll_element(request, [marks[group.pk].watch, *panel.watches], oob=True),
        "said": said,
        "problem": problem,
    }
    return render(request, "consents/_deed.html", context)


def _refused(request: PortalRequest, group: AvatarGroup, **form: Any) -> HttpResponse:
    """A form with errors: the error slots for htmx, else the whole page again with what was typed."""
    if browsing.by_htmx(request):
        bound = form.get("ask") or form.get("send")
        return render(request, "components/_form_errors_oob.html", {"form": bound}, status=422)
    page = _page(request)
    panel = consent_panel.facts(request.user, group, page=page, **form)
    if page == ON_RECORD and panel.consent is not None:
        return _record(request, panel.consent, panel, status=422)
    return groups.show(request, group, panel, status=422)


@require_safe
def panel(request: PortalRequest, pk: int) -> HttpResponse:
    """The panel alone, for a page that was told of a change."""
    group = get_object_or_404(AvatarGroup, pk=pk)
    facts = consent_panel.facts(request.user, group, page=_page(request))
    return render(request, "consents/_panel.html", {"panel": facts, "refresh": True})


@require_POST
@needs(access.CREATE)
def ask(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for a consent link, the first or a new one in place of a dead one."""
    group = _get_group_to_manage(request, pk)
    form = AskForm(request.POST)
    if not form.is_valid():
        return _refused(request, group, ask=form)
    try:
        links.ask_for_link(group, actor=request.user, reroute=form.reroute())
    except links.CannotAsk as reason:
        return _done(request, group, problem=str(reason))
    return _done(request, group)


@require_POST
@needs(access.CREATE)
def check(request: PortalRequest, pk: int) -> HttpResponse:
    """Have HeyGen asked for news about this character at once."""
    group = _get_group_to_manage(request, pk)
    links.check_now(group, actor=request.user)
    return _done(request, group, said="HeyGen is being asked. The badge changes by itself if there is news.")


@require_POST
@needs(access.CREATE)
def send(request: PortalRequest, pk: int) -> HttpResponse:
    """Have the portal send the link, or a mail once more that failed."""
    consent = _get_consent_for(request, pk)
    try:
        if request.POST.get("message"):
            mail.send_again(_get_message(request, consent), actor=request.user)
            return _done(request, consent.group)
        form = SendForm(request.POST)
        link = links.newest_link(consent)
        if link is None or not links.link_is_alive(link):
            return _done(request, consent.group, problem=_TOO_LATE)
        if not form.is_valid():
            return _refused(request, consent.group, send=form)
        mail.queue_message(link, sender=request.user, **form.cleaned_data)
    except WrongMove:
        return _done(request, consent.group, problem=_TOO_LATE)
    return _done(request, consent.group)


def _get_message(request: PortalRequest, consent: Consent) -> Message:
    sent = request.POST["message"]
    pk = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 18 else 0
    return get_object_or_404(Message.objects.select_related("link__consent__group"), pk=pk, link__consent=consent)


@require_POST
@needs(access.CREATE)
def message(request: PortalRequest, pk: int) -> HttpResponse:
    """The mail as it reads for the name and address in the fields. By POST, so that neither stands in a log."""
    consent = _get_consent_for(request, pk)
    link = links.newest_link(consent)
    if link is None or not links.link_is_alive(link):
        return HttpResponse(status=204)
    name, email = request.POST.get("to_name", "")[:120], request.POST.get("to_email", "")[:254]
    written = consent_panel.Written.for_person(link, name=name, email=email, sender=request.user)
    return render(request, "consents/_message.html", {"message": written, "mail_server": bool(settings.EMAIL_URL)})


@require_safe
@needs(*_ROLES)
def consents(request: PortalRequest) -> HttpResponse:
    """The register: one row a person, with the one next step."""
    listed = register.read(request)
    appended = browsing.appends(request)
    poll = badges.poll_element(request, listed.watches, oob=appended)
    template = "consents/_more.html" if appended else "consents/list.html"
    return render(request, template, {"register": listed, "poll": poll})


@require_safe
@needs(*_ROLES)
def consent(request: PortalRequest, pk: int) -> HttpResponse:
    """The record of one consent."""
    item = _get_consent_for(request, pk)
    return _record(request, item, consent_panel.facts(request.user, item.group, page=ON_RECORD))


def _record(request: PortalRequest, item: Consent, panel: Panel, *, status: int = 200) -> HttpResponse:
    group = item.group
    marks = badges.of_groups(AvatarGroup.objects.filter(pk=group.pk), shows=badges.BOTH | badges.OPEN)[group.pk]
    found = item.links.select_related("asked_by").order_by("-id")[: history.SHOWN]
    context = {
        "consent": item,
        "group": group,
        "panel": panel,
        "badges": marks,
        "links": [register.LinkRow.of(link) for link in found],
        "steps": history.steps(item.events.select_related("actor").order_by("-id")[: history.SHOWN]),
        "poll": badges.poll_element(request, [marks.watch, *panel.watches]),
    }
    return render(request, "consents/detail.html", context, status=status)
