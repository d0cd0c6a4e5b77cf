"""What the portal keeps. One module a subject; everything is imported from here."""

from avatars.models.calls import Call, Throttle
from avatars.models.consents import Consent, ConsentLink, Message, Subject
from avatars.models.events import Event
from avatars.models.jobs import Job, WorkerHeartbeat
from avatars.models.library import AvatarGroup, Look, SyncRun
from avatars.models.submissions import Submission, SubmissionFile, Upload

__all__ = [
    "AvatarGroup",
    "Call",
    "Consent",
    "ConsentLink",
    "Event",
    "Job",
    "Look",
    "Message",
    "Subject",
    "Submission",
    "SubmissionFile",
    "SyncRun",
    "Throttle",
    "Upload",
    "WorkerHeartbeat",
]
