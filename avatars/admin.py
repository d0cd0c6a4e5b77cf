"""Django's admin for support: everything can be looked at, by superusers only, and what the worker owns stays as it is.

Secrets are masked here as everywhere: consent links, HeyGen's signed previews, and what a frozen request carries.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from avatars.library.mirror import refresh_names
from avatars.models import (
    AvatarGroup,
    Call,
    Consent,
    ConsentLink,
    Event,
    Job,
    Look,
    Message,
    Subject,
    Submission,
    SubmissionFile,
    SyncRun,
    Throttle,
    Upload,
    WorkerHeartbeat,
)
from avatars.web.masking import masked, masked_address


class SupportAdmin(admin.ModelAdmin):
    """For superusers. The admin's own permissions would let staff in by ticking boxes; consent is not for that."""

    show_full_result_count = False
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the models are listed at all."""
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Looking."""
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Changing."""
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from the portal's own work; one made by hand would be known to nobody else."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History is kept."""
        return False


class ReadOnlyAdmin(SupportAdmin):
    """What has a life of its own: a change by hand would go past the guarded moves."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)


@admin.register(AvatarGroup)
class AvatarGroupAdmin(SupportAdmin):
    """Characters. Only our own name for one may be set."""

    list_display = ("title", "heygen_id", "ownership", "status_raw", "consent_state", "consent_raw", "checked_at")
    list_filter = ("ownership", "consent_state", "is_twin")
    search_fields = ("name", "display_name", "heygen_id")
    ordering = ("-id",)
    exclude = ("preview_image_url", "preview_video_url", "search_text")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """All but our own name."""
        return [*_fields(AvatarGroup, self.exclude, but="display_name"), "picture", "video"]

    @admin.display(description="Preview at HeyGen")
    def picture(self, row: AvatarGroup) -> str:
        """Where the preview lies, without its signature."""
        return masked_address(row.preview_image_url)

    @admin.display(description="Video at HeyGen")
    def video(self, row: AvatarGroup) -> str:
        """Where the preview video lies, without its signature."""
        return masked_address(row.preview_video_url)

    def save_model(self, request: HttpRequest, obj: AvatarGroup, form: Any, change: bool) -> None:
        """Only the one field, and the looks are found under the new name from then on."""
        obj.save(update_fields=["display_name", "updated_at"])
        refresh_names(obj)


def _fields(model: Any, exclude: tuple[str, ...], *, but: str = "") -> list[str]:
    return [field.name for field in model._meta.fields if field.name not in {*exclude, but}]


@admin.register(Look)
class LookAdmin(ReadOnlyAdmin):
    """Looks."""

    list_display = (
        "__str__",
        "heygen_id",
        "group",
        "avatar_type",
        "ownership",
        "status",
        "consent_state",
        "checked_at",
    )
    list_filter = ("ownership", "status", "consent_state")
    list_select_related = ("group",)
    search_fields = ("name", "heygen_id")
    ordering = ("-id",)
    exclude = ("preview_image_url", "preview_video_url", "search_text")
    readonly_fields = ("picture", "video")

    @admin.display(description="Preview at HeyGen")
    def picture(self, row: Look) -> str:
        """Where the preview lies, without its signature."""
        return masked_address(row.preview_image_url)

    @admin.display(description="Video at HeyGen")
    def video(self, row: Look) -> str:
        """Where the preview video lies, without its signature."""
        return masked_address(row.preview_video_url)


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    """What was asked for."""

    list_display = ("name", "kind", "state", "owner", "error_code", "created_at", "settled_at")
    list_filter = ("state", "kind")
    list_select_related = ("owner",)
    search_fields = ("name", "id")
    ordering = ("-created_at",)
    exclude = ("form_token",)
    readonly_fields = ("given_files",)

    @admin.display(description="Files")
    def given_files(self, row: Submission) -> SafeString:
        """The files that came with it. The rest of an address may be a signature."""
        files = row.files.select_related("upload")
        return format_html_join("", "<div>{}</div>", ((_file_words(file),) for file in files))


def _file_words(file: SubmissionFile) -> str:
    given = file.upload.original_name if file.upload else masked_address(file.url) or file.asset_id
    return f"{file.get_role_display()}: {given}"


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    """Files people sent."""

    list_display = ("original_name", "media_type", "size", "owner", "created_at")
    list_select_related = ("owner",)
    search_fields = ("original_name", "sha256")
    ordering = ("-created_at",)
    exclude = ("file",)


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    """The ledger of changing requests."""

    list_display = ("deed", "operation", "state", "attempts", "http_status", "error_code", "created_at")
    list_filter = ("state", "operation")
    search_fields = ("deed", "idempotency_key", "request_id")
    ordering = ("-id",)
    exclude = ("body", "answer")
    readonly_fields = ("shown_body", "shown_answer")

    @admin.display(description="Body")
    def shown_body(self, row: Call) -> SafeString:
        """What was sent, without addresses and file contents."""
        return _shown(row.body)

    @admin.display(description="Answer")
    def shown_answer(self, row: Call) -> SafeString:
        """What came back, likewise."""
        return _shown(row.answer)


def _shown(value: Any) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(masked(value), indent=2, ensure_ascii=False))


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """Consents."""

    list_display = ("__str__", "state", "owner", "subject", "asked_at", "answered_at")
    list_filter = ("state",)
    list_select_related = ("group", "owner", "subject")
    search_fields = ("group__name", "group__display_name", "subject__name", "subject__email")
    ordering = ("-id",)


@admin.register(ConsentLink)
class ConsentLinkAdmin(ReadOnlyAdmin):
    """Links. Whoever holds one can answer for the person, so not even support sees it whole."""

    list_display = ("id", "consent", "state", "asked_by", "issued_at", "expires_at", "landed_at")
    list_filter = ("state",)
    list_select_related = ("consent__group", "asked_by")
    ordering = ("-id",)
    exclude = ("url", "slug", "reroute_url")
    readonly_fields = ("link", "afterwards")

    @admin.display(description="Link")
    def link(self, row: ConsentLink) -> str:
        """HeyGen's page, without what opens it."""
        return masked_address(row.url)

    @admin.display(description="Afterwards")
    def afterwards(self, row: ConsentLink) -> str:
        """Where the person goes then; our own landing page has the link's name in it."""
        return masked_address(row.reroute_url)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Mails to people."""

    list_display = ("to_name", "to_email", "state", "sender", "attempts", "created_at", "sent_at")
    list_filter = ("state",)
    list_select_related = ("sender",)
    search_fields = ("to_name", "to_email")
    ordering = ("-id",)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The log."""

    list_display = ("at", "verb", "actor", "submission", "group", "look", "consent")
    list_filter = ("verb",)
    list_select_related = ("actor", "submission", "group", "look", "consent__group")
    ordering = ("-id",)


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """The queue. The token of a lease is what lets a worker settle, so it is not shown."""

    list_display = ("key", "kind", "run_at", "lease_until", "attempts", "last_error")
    list_filter = ("kind",)
    search_fields = ("key",)
    ordering = ("run_at",)
    exclude = ("lease_token",)


@admin.register(Subject)
class SubjectAdmin(SupportAdmin):
    """People. A misspelt name or address may be put right."""

    list_display = ("name", "email", "created_at")
    search_fields = ("name", "email")
    readonly_fields = ("created_at",)
    ordering = ("-id",)


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    """Rounds over the whole account."""

    list_display = ("started_at", "finished_at", "groups_seen", "looks_seen", "rows_written", "rows_gone", "complete")
    ordering = ("-id",)


@admin.register(Throttle)
class ThrottleAdmin(ReadOnlyAdmin):
    """The brake all workers share."""

    list_display = ("account", "paused_until", "next_request_at", "creating_until")
    exclude = ("creating_token",)


@admin.register(WorkerHeartbeat)
class WorkerHeartbeatAdmin(ReadOnlyAdmin):
    """Signs of life."""

    list_display = ("name", "started_at", "seen_at")
