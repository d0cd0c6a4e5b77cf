"""HeyGen's v3 avatar API as typed calls, records and errors. Nothing here knows the database."""

from . import bodies
from .assets import SIMPLE_UPLOAD_MAX
from .client import HeyGenClient
from .errors import (
    Conflict,
    Forbidden,
    HeyGenError,
    InProgress,
    NotFound,
    OutcomeUnknown,
    PaymentRequired,
    QuotaExceeded,
    Refused,
    TryAgain,
    Unauthorized,
    Unavailable,
    UploadExpired,
)
from .pagination import Listing, Page, iterate
from .records import (
    AccountRecord,
    AssetRecord,
    AssetStatus,
    ConsentAnswer,
    CreatedAvatar,
    DirectUpload,
    EventRecord,
    EventType,
    GroupRecord,
    LookRecord,
    WebhookEndpoint,
)
from .session import Timeouts, make_session
from .transport import Exchange

__all__ = [
    "SIMPLE_UPLOAD_MAX",
    "AccountRecord",
    "AssetRecord",
    "AssetStatus",
    "Conflict",
    "ConsentAnswer",
    "CreatedAvatar",
    "DirectUpload",
    "EventRecord",
    "EventType",
    "Exchange",
    "Forbidden",
    "GroupRecord",
    "HeyGenClient",
    "HeyGenError",
    "InProgress",
    "Listing",
    "LookRecord",
    "NotFound",
    "OutcomeUnknown",
    "Page",
    "PaymentRequired",
    "QuotaExceeded",
    "Refused",
    "Timeouts",
    "TryAgain",
    "Unauthorized",
    "Unavailable",
    "UploadExpired",
    "WebhookEndpoint",
    "bodies",
    "iterate",
    "make_session",
]
