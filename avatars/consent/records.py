"""The consent record of a character, and who looks after it."""

from __future__ import annotations

from typing import Any

from avatars.models import AvatarGroup, Consent


def ensure_consent(group: AvatarGroup, *, owner: Any = None) -> Consent:
    """The consent of `group`, made if there is none; `owner` looks after it unless somebody does already."""
    consent, _new = Consent.objects.get_or_create(group=group, defaults={"owner": owner})
    if owner is not None and consent.owner_id is None:
        Consent.objects.filter(pk=consent.pk, owner=None).update(owner=owner)
        consent.refresh_from_db()
    return consent
