"""Who may do what. Views name the right they need; the roles that hold it are groups made by a migration."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from avatars.models import Consent, Submission

CREATE = "avatars.create_avatars"
SEE_ALL_SUBMISSIONS = "avatars.see_all_submissions"
SEE_ALL_CONSENTS = "avatars.see_all_consents"
SEE_ACTIVITY = "avatars.see_activity"

View = Callable[..., HttpResponse]


def needs(*rights: str) -> Callable[[View], View]:
    """Let only those in who hold at least one of `rights`; everybody else gets 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not any(request.user.has_perm(right) for right in rights):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def visible_submissions(user: Any) -> QuerySet[Submission]:
    """The submissions `user` may see: leads and admins all, others their own."""
    if user.has_perm(SEE_ALL_SUBMISSIONS):
        return Submission.objects.all()
    return Submission.objects.filter(owner=user)


def visible_consents(user: Any) -> QuerySet[Consent]:
    """The consents `user` may see: admins all; marketers those they look after, and those nobody looks after yet."""
    if user.has_perm(SEE_ALL_CONSENTS):
        return Consent.objects.all()
    if user.has_perm(CREATE):
        return Consent.objects.filter(Q(owner=user) | Q(owner=None))
    return Consent.objects.none()
