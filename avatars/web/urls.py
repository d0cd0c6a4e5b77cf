"""Addresses of the portal's pages. The ids in them are the portal's own, never HeyGen's."""

from __future__ import annotations

from django.urls import URLPattern, path

from avatars.web import (
    consents,
    create,
    groups,
    looks,
    overview,
    pickers,
    poll,
    subject,
    submissions,
    uploads,
)

urlpatterns: list[URLPattern] = [
    path("", overview.overview, name="overview"),
    path("badges/", poll.changed_badges, name="badges"),
    path("c/<slug:slug>/back/", subject.came_back, name="subject_back"),
    path("consents/", consents.consents, name="consents"),
    path("consents/<int:pk>/", consents.consent, name="consent"),
    path("consents/<int:pk>/message/", consents.message, name="consent_message"),
    path("consents/<int:pk>/send/", consents.send, name="consent_send"),
    path("create/", create.doors, name="create"),
    path("create/digital-twin/", create.digital_twin, name="create_digital_twin"),
    path("create/photo/", create.photo, name="create_photo"),
    path("create/preview/<slug:kind>/", create.preview, name="create_preview"),
    path("create/prompt/", create.prompt, name="create_prompt"),
    path("groups/", groups.groups, name="groups"),
    path("groups/<int:pk>/", groups.group, name="group"),
    path("groups/<int:pk>/consent/", consents.panel, name="consent_panel"),
    path("groups/<int:pk>/consent/ask/", consents.ask, name="consent_ask"),
    path("groups/<int:pk>/consent/check/", consents.check, name="consent_check"),
    path("groups/pick/", pickers.group_pick, name="group_pick"),
    path("looks/", looks.looks, name="looks"),
    path("looks/<int:pk>/", looks.look, name="look"),
    path("looks/<int:pk>/tile/", looks.tile, name="look_tile"),
    path("looks/pick/", pickers.look_pick, name="look_pick"),
    path("submissions/", submissions.submissions, name="submissions"),
    path("submissions/<uuid:pk>/", submissions.submission, name="submission"),
    path("submissions/<uuid:pk>/decide/", submissions.submission_decide, name="submission_decide"),
    path("submissions/<uuid:pk>/timeline/", submissions.submission_timeline, name="submission_timeline"),
    path("uploads/", uploads.uploads, name="uploads"),
    path("uploads/<uuid:pk>/preview/", uploads.upload_preview, name="upload_preview"),
]
