"""The three ways to make an avatar, as people are told about them before they choose."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from avatars.states import Kind


@dataclass(frozen=True)
class Door:
    """What one way needs, how long it takes, whether consent is asked for, what it costs (empty: not configured)."""

    kind: Kind
    title: str
    promise: str
    needs: str
    time: str
    consent: str
    drawing: str
    icon: str
    button: str

    @property
    def href(self) -> str:
        """The page of its form."""
        return reverse(f"create_{self.kind}")

    @property
    def price(self) -> str:
        """The configured price, in the operator's own words."""
        return str(settings.PRICES[self.kind])


DOORS: dict[Kind, Door] = {
    door.kind: door
    for door in (
        Door(
            Kind.DIGITAL_TWIN,
            "From footage",
            "A digital twin that looks, moves and sounds like the person filmed.",
            "15 seconds to 10 minutes of one person, as MP4 or WebM",
            "Usually a few minutes, sometimes longer",
            "The person filmed is asked for consent",
            "footage",
            "film",
            "Create digital twin",
        ),
        Door(
            Kind.PHOTO,
            "From a photo",
            "A single portrait that learns to speak.",
            "One JPEG or PNG with a clear face, at least 512 pixels on each side",
            "Usually about a minute",
            "HeyGen asks for none; you keep a note of their permission",
            "portrait",
            "photo",
            "Create photo avatar",
        ),
        Door(
            Kind.PROMPT,
            "From words",
            "Somebody who does not exist, as you describe them.",
            "A description; up to three reference images if you like",
            "Usually one to three minutes",
            "None needed, because it depicts no real person",
            "words",
            "words",
            "Create prompt avatar",
        ),
    )
}
