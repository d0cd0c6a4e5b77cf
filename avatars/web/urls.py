"""Addresses of the portal's pages. The ids in them are the portal's own, never HeyGen's."""

from __future__ import annotations

from django.urls import URLPattern, path

from avatars.web import poll

urlpatterns: list[URLPattern] = [
    path("badges/", poll.changed_badges, name="badges"),
]
