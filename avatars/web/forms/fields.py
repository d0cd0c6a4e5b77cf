"""The kinds of input the creation forms take, each refusing what HeyGen could not use, in words."""

from __future__ import annotations

import ipaddress
import re
import secrets
import unicodedata
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.encoding import iri_to_uri

TOKEN_BYTES = 24
MAX_ADDRESS = 2000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_ASSET_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
# Longer numbers than a database key can have are not looked up at all.
_ROW_ID = re.compile(r"[0-9]{1,18}")
_PRIVATE_NAMES = ("localhost", "local", "internal", "lan", "home", "corp", "intranet", "localdomain", "home.arpa")


def new_form_token() -> str:
    """A token for one rendered form; the submission made from it remembers it."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def is_form_token(word: str) -> bool:
    """Whether `word` has the form of our tokens."""
    return bool(_TOKEN.fullmatch(word))


def row_id(word: object) -> int | None:
    """`word` as the id of a row, or None when it cannot be one."""
    text = str(word or "")
    return int(text) if _ROW_ID.fullmatch(text) else None


def normalised(text: str) -> str:
    """Line breaks as one character, as browsers count them; forms send two for each."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class LineField(forms.CharField):
    """One line of text without control characters, trimmed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # The browser would cut a pasted text off in silence; we say that it is too long.
        self.widget.attrs.pop("maxlength", None)

    def validate(self, value: str) -> None:
        """Refuse what cannot be written on one line, or shows nothing at all."""
        super().validate(value)
        if any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in value):
            raise ValidationError("This contains a line break or a control character. Type it again.")
        if value and all(unicodedata.category(sign)[0] in "CZ" for sign in value):
            raise ValidationError("This shows no visible character. Type it again.")


class LongTextField(forms.CharField):
    """Several lines of text; a line break counts as one character."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs.pop("maxlength", None)

    def to_python(self, value: Any) -> str:
        """The trimmed text with plain line breaks."""
        return normalised(super().to_python(value) or "")

    def validate(self, value: str) -> None:
        """Refuse control characters other than line breaks and tabs."""
        super().validate(value)
        if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\t" for sign in value):
            raise ValidationError("This contains control characters. Remove them, or type the text again.")


class AssetIdField(forms.CharField):
    """The id of a file that HeyGen has already; its form is HeyGen's business, so only its letters are checked."""

    def validate(self, value: str) -> None:
        """Refuse what could not be an id."""
        super().validate(value)
        if value and not _ASSET_ID.fullmatch(value):
            raise ValidationError("This is not an asset id. It consists of letters, digits, - and _ only.")


class PublicAddressField(forms.CharField):
    """The https address of a file that HeyGen can fetch from the open internet."""

    widget = forms.URLInput

    def to_python(self, value: Any) -> str:
        """The address in plain ASCII; raises ValidationError for what HeyGen could not fetch."""
        text = super().to_python(value)
        return public_address(text) if text else ""


class AddressLinesField(forms.CharField):
    """Addresses, one a line; empty lines do not count."""

    widget = forms.Textarea

    def clean(self, value: Any) -> list[str]:
        """The addresses, checked; the error names the line that is wrong."""
        lines = [line.strip() for line in normalised(super().clean(value)).split("\n")]
        addresses = []
        for line in filter(None, lines[:100]):
            try:
                addresses.append(public_address(line))
            except ValidationError as error:
                raise ValidationError(f"{line[:60]}: {error.messages[0]}") from error
        return addresses


def public_address(text: str) -> str:
    """`text` as an https address on a public host. Raises ValidationError with what to change."""
    if len(text) > MAX_ADDRESS:
        raise ValidationError(f"The address is longer than {MAX_ADDRESS} characters. Use a shorter one.")
    if any(sign.isspace() or not sign.isprintable() for sign in text) or "\\" in text:
        raise ValidationError("A web address has no blanks or special characters. Copy it again.")
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise ValidationError("This is not a web address. Copy it again from the browser.") from None
    if parts.scheme != "https" or not host:
        raise ValidationError(
            "The address must begin with https://, because HeyGen fetches the file from the internet."
        )
    if parts.username is not None or parts.password is not None:
        raise ValidationError("The address holds a user name or password. Use one that works without signing in.")
    return iri_to_uri(_rebuilt(parts, _public_host(host), port))


def _rebuilt(parts: SplitResult, host: str, port: int | None) -> str:
    place = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, f"{place}:{port}" if port else place, parts.path, parts.query, parts.fragment))


def _public_host(host: str) -> str:
    """The host in ASCII. Raises ValidationError for hosts that HeyGen cannot reach, or should not."""
    private = ValidationError("HeyGen cannot reach this host from the internet. Upload the file instead.")
    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        number = None
    if number is not None:
        mapped = getattr(number, "ipv4_mapped", None) or number
        if not mapped.is_global or mapped.is_multicast:
            raise private
        return host
    try:
        name = host.rstrip(".").encode("idna").decode()
    except UnicodeError:
        raise ValidationError("The host in this address is not written properly. Copy it again.") from None
    # Numbers written in other ways (2130706433, 0x7f.1) still lead to addresses, often to private ones.
    last = name.rpartition(".")[2]
    if (
        "." not in name
        or last.isdigit()
        or last.startswith("0x")
        or name.endswith(tuple(f".{x}" for x in _PRIVATE_NAMES))
    ):
        raise private
    if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
        raise ValidationError("The host in this address is not written properly. Copy it again.")
    return name
