"""The three creation forms: one shared core, and what each kind asks for besides."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.http import QueryDict

from avatars.creation.preflight import purpose_of
from avatars.creation.store import NewFile, store_submission
from avatars.models import AvatarGroup, Look, Submission
from avatars.states import Kind, Status
from avatars.web.forms import fields
from avatars.web.forms.files import MAX_REFERENCES, GivenFiles, input_name

NAME_MAX, PROMPT_MAX, NOTE_MAX = 80, 1000, 1000
TOKEN_ERROR = "This form has lost its number, so it was not sent. Everything is still here: press the button again."  # noqa: S105


class CreationForm(forms.Form):
    """What every creation asks for: a name, where it belongs, and a yes to the price."""

    kind: ClassVar[Kind]

    name = fields.LineField(
        label="Name",
        max_length=NAME_MAX,
        error_messages={
            "required": "Give it a name.",
            "max_length": "A name has at most 80 characters; this has %(show_value)d.",
        },
    )
    avatar_group_id = forms.CharField(
        label="Character", required=False, widget=forms.TextInput(attrs={"id": "search-avatar_group_id"})
    )
    confirm_cost = forms.BooleanField(required=False)

    def __init__(
        self, data: QueryDict | None = None, *, owner: Any, given: GivenFiles | None = None, **options: Any
    ) -> None:
        super().__init__(data, use_required_attribute=False, **options)
        self.owner = owner
        self.given = given or GivenFiles()
        self.price = settings.PRICES[self.kind]
        posted = str(self.data.get("form_token", ""))
        self.token_is_good = fields.is_form_token(posted)
        self.token = posted if self.token_is_good else fields.new_form_token()
        self.target_group: AvatarGroup | None = None
        self.reference_look: Look | None = None
        if self.price:
            self.fields["confirm_cost"].label = f"Yes, this costs {self.price}"
        else:
            del self.fields["confirm_cost"]

    def clean_avatar_group_id(self) -> str:
        """The character it is added to: one of the account's own that HeyGen still has."""
        word = self.cleaned_data["avatar_group_id"]
        if not word:
            return ""
        self.target_group = groups_to_add_to().filter(pk=fields.row_id(word)).first()
        if self.target_group is None:
            raise forms.ValidationError("This character cannot take a new look any more. Choose another one.")
        return str(self.target_group.pk)

    def clean_confirm_cost(self) -> bool:
        """The yes to a price, where there is one."""
        if not self.cleaned_data["confirm_cost"]:
            raise forms.ValidationError(f"Confirm the price of {self.price} first.")
        return True

    def clean(self) -> dict[str, Any]:
        """What only the form as a whole can tell."""
        cleaned = super().clean() or {}
        if not self.token_is_good:
            self.add_error(None, TOKEN_ERROR)
        self.check_files()
        return cleaned

    def check_files(self) -> None:
        """Add an error for every upload that is missing or cannot be used."""
        where = input_name(self.kind)
        for error in [*self.given.errors, *self.given.stops(purpose_of(self.role, self.kind))]:
            self.add_error(where, error)

    @property
    def role(self) -> str:
        """What the files of this form are for."""
        return "reference" if self.kind == Kind.PROMPT else "file"

    def new_files(self) -> list[NewFile]:
        """The files as the submission is to have them."""
        return [NewFile(role=self.role, source="upload", upload=upload) for upload in self.given.uploads]

    def store(self) -> tuple[Submission, bool]:
        """Store the submission; the second value is False when this form had made one before."""
        return store_submission(
            owner=self.owner,
            kind=self.kind,
            form_token=self.token,
            name=self.cleaned_data["name"],
            files=self.new_files(),
            prompt=self.cleaned_data.get("prompt", ""),
            target_group=self.target_group,
            reference_look=self.reference_look,
            depicts_real_person=self.cleaned_data.get("depicts_real_person", False),
            permission_note=self.cleaned_data.get("permission_note", ""),
            price=self.price,
        )


class PermissionMixin(forms.Form):
    """The operator's own record that a depicted person agreed; HeyGen asks for none with photos and prompts."""

    depicts_real_person = forms.BooleanField(label="This shows a real person", required=False)
    permission_note = fields.LongTextField(
        label="How they gave permission",
        required=False,
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": "At most 1000 characters; this has %(show_value)d."},
    )

    def clean(self) -> dict[str, Any]:
        """A real person needs a note of their permission."""
        cleaned = super().clean() or {}
        if cleaned.get("depicts_real_person") and not cleaned.get("permission_note") and "permission_note" in cleaned:
            self.add_error(
                "permission_note", "Write down who gave permission, when and how, before making an avatar of them."
            )
        return cleaned


class SourceMixin(forms.Form):
    """Footage or a photo, given in exactly one of three ways."""

    file_url = fields.PublicAddressField(label="Web address of the file", required=False)
    file_asset_id = fields.AssetIdField(label="HeyGen asset id", required=False, strip=True)

    WAYS: ClassVar[dict[str, str]] = {
        "file": "a file",
        "file_url": "a web address",
        "file_asset_id": "an asset id",
    }

    def check_files(self) -> None:
        """Exactly one of the three ways; the errors stand beside each that was used."""
        super().check_files()  # type: ignore[misc]
        ways = [way for way in self.WAYS if self._is_given(way)]
        if not ways:
            self.add_error("file", "Choose a file, or give its web address or its HeyGen asset id.")
        if len(ways) > 1:
            named = " and ".join(self.WAYS[way] for way in ways)
            for way in ways:
                self.add_error(way, f"You gave {named}. Keep one and clear the other{'s' if len(ways) > 2 else ''}.")

    def _is_given(self, way: str) -> bool:
        if way == "file":
            given: GivenFiles = self.given  # type: ignore[attr-defined]
            return bool(given.uploads or given.errors)
        return bool(str(self.data.get(way, "")).strip())

    def new_files(self) -> list[NewFile]:
        """The one file."""
        if self.cleaned_data["file_url"]:
            return [NewFile(role="file", source="url", url=self.cleaned_data["file_url"])]
        if self.cleaned_data["file_asset_id"]:
            return [NewFile(role="file", source="asset_id", asset_id=self.cleaned_data["file_asset_id"])]
        return super().new_files()  # type: ignore[misc]


class DigitalTwinForm(SourceMixin, CreationForm):
    """A digital twin from footage of a person. HeyGen asks that person for consent."""

    kind = Kind.DIGITAL_TWIN
    field_order = ("file", "file_url", "file_asset_id", "name", "avatar_group_id", "confirm_cost")
    file = forms.FileField(label="Footage", required=False)


class PhotoForm(SourceMixin, PermissionMixin, CreationForm):
    """A photo avatar from one picture."""

    kind = Kind.PHOTO
    field_order = (
        "file",
        "file_url",
        "file_asset_id",
        "name",
        "avatar_group_id",
        "depicts_real_person",
        "permission_note",
        "confirm_cost",
    )
    file = forms.FileField(label="Photo", required=False)


class PromptForm(PermissionMixin, CreationForm):
    """An avatar from words, with up to three pictures and a look to go by."""

    kind = Kind.PROMPT
    field_order = (
        "prompt",
        "reference_images",
        "reference_image_urls",
        "avatar_id",
        "name",
        "avatar_group_id",
        "depicts_real_person",
        "permission_note",
        "confirm_cost",
    )

    prompt = fields.LongTextField(
        label="Description",
        max_length=PROMPT_MAX,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={
            "required": "Describe the avatar in words.",
            "max_length": "At most 1000 characters; this has %(show_value)d.",
        },
    )
    reference_images = forms.FileField(label="Reference images", required=False)
    reference_image_urls = fields.AddressLinesField(
        label="Web addresses of reference images", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    avatar_id = forms.CharField(
        label="Reference look", required=False, widget=forms.TextInput(attrs={"id": "search-avatar_id"})
    )

    def clean_avatar_id(self) -> str:
        """The look it goes by: one of the account's own, ready, with a picture."""
        word = self.cleaned_data["avatar_id"]
        if not word:
            return ""
        self.reference_look = looks_to_go_by().filter(pk=fields.row_id(word)).first()
        if self.reference_look is None:
            raise forms.ValidationError("This look cannot be used: it is not ready, has no picture, or is gone.")
        return str(self.reference_look.pk)

    def clean(self) -> dict[str, Any]:
        """The look must belong to the character, because that is where HeyGen puts the result."""
        cleaned = super().clean()
        look, group = self.reference_look, self.target_group
        if look and group and look.group_id != group.pk:
            self.add_error(
                "avatar_id",
                f"This look belongs to another character than {group.title}. Choose a look of {group.title}, "
                "or leave the character open.",
            )
        return cleaned

    def check_files(self) -> None:
        """At most three references, however they are given."""
        super().check_files()
        total = len(self.given.uploads) + len(self.cleaned_data.get("reference_image_urls") or [])
        if total > MAX_REFERENCES:
            where = "reference_images" if self.given.uploads else "reference_image_urls"
            self.add_error(
                where, f"HeyGen takes at most {MAX_REFERENCES} reference images; you gave {total}. Remove some."
            )

    def new_files(self) -> list[NewFile]:
        """Uploads first, then addresses."""
        addresses = self.cleaned_data["reference_image_urls"]
        return super().new_files() + [NewFile(role="reference", source="url", url=address) for address in addresses]


FORMS: dict[Kind, type[CreationForm]] = {form.kind: form for form in (DigitalTwinForm, PhotoForm, PromptForm)}


def groups_to_add_to() -> Any:
    """Characters that can take a new look: the account's own, still at HeyGen."""
    return AvatarGroup.objects.filter(gone_at=None).exclude(ownership="public")


def looks_to_go_by() -> Any:
    """Looks that a prompt may refer to: the account's own, ready, with a picture HeyGen can read."""
    return (
        Look.objects.present()
        .filter(status=Status.READY, image_width__gt=0, image_height__gt=0)
        .exclude(ownership="public")
        .exclude(preview_image_url="")
    )
