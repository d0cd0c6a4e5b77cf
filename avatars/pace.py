"""The pace all workers keep together towards one HeyGen account: request budget, pauses, one creation at a time."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from avatars.models import Throttle

# A create may take HeyGen two minutes to answer; a turn that is not given back ends a little later by itself.
CREATION_TURN = timedelta(seconds=150)


class Paused(Exception):
    """HeyGen asked for a pause; nothing is sent before `until`."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(f"paused until {until:%H:%M:%S}")


def _locked(account: str) -> Throttle:
    """The account's row, locked until the end of the transaction."""
    Throttle.objects.get_or_create(account=account)
    return Throttle.objects.select_for_update().get(account=account)


def wait_for_turn(account: str) -> None:
    """Reserve the next request and sleep until it is due; raise Paused while HeyGen's own pause lasts."""
    now = timezone.now()
    with transaction.atomic():
        throttle = _locked(account)
        if throttle.paused_until and throttle.paused_until > now:
            raise Paused(throttle.paused_until)
        turn = max(now, throttle.next_request_at or now)
        throttle.next_request_at = turn + timedelta(seconds=1 / settings.REQUESTS_PER_SECOND)
        throttle.save(update_fields=["next_request_at"])
    time.sleep(max(0.0, (turn - timezone.now()).total_seconds()))


def pause(account: str, seconds: float) -> None:
    """Hold all requests to the account for `seconds`; a longer pause already running is kept."""
    until = timezone.now() + timedelta(seconds=seconds)
    with transaction.atomic():
        throttle = _locked(account)
        if not throttle.paused_until or throttle.paused_until < until:
            throttle.paused_until = until
            throttle.save(update_fields=["paused_until"])


def take_creation_turn(account: str, token: str) -> bool:
    """Whether `token` may create now. Whoever held the turn and died gives way when it runs out."""
    now = timezone.now()
    Throttle.objects.get_or_create(account=account)
    free = Q(creating_token="") | Q(creating_token=token) | Q(creating_until=None) | Q(creating_until__lt=now)
    mine = Throttle.objects.filter(free, account=account)
    return bool(mine.update(creating_token=token, creating_until=now + CREATION_TURN))


def give_back_creation_turn(account: str, token: str) -> None:
    """Let the next submission create, if `token` still held the turn."""
    Throttle.objects.filter(account=account, creating_token=token).update(creating_token="", creating_until=None)
