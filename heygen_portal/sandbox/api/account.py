"""GET /v3/users/me."""

from __future__ import annotations

from typing import Any

from heygen_portal.sandbox import switches
from heygen_portal.sandbox.answers import Answer, data
from heygen_portal.sandbox.gateway import Call
from heygen_portal.sandbox.models import Creation

OPENING_BALANCE = 500.0
PRICE = 1.0


def _wallet(spent: float) -> dict[str, Any]:
    reload = {"enabled": False, "threshold_usd": None, "amount_usd": None}
    return {"currency": "usd", "remaining_balance": OPENING_BALANCE - spent, "auto_reload": reload}


def _subscription(spent: float) -> dict[str, Any]:
    pool = {"remaining": max(0, int(200 - spent)), "resets_at": "2030-01-01T00:00:00Z"}
    return {"plan": "team", "credits": {"premium_credits": pool, "add_on_credits": None}}


def _usage_based(spent: float) -> dict[str, Any]:
    return {
        "included_credits": 100.0,
        "remaining_credits": max(0.0, 100.0 - spent),
        "spending_current_usd": spent,
        "spending_cap_usd": 250.0,
    }


def me(_call: Call) -> Answer:
    """Who the key belongs to, and what is left; a dollar goes for every avatar made."""
    spent = Creation.objects.count() * PRICE
    billing = switches.value("billing")
    makers = {"wallet": _wallet, "subscription": _subscription, "usage_based": _usage_based}
    record: dict[str, Any] = {
        "username": "sandbox",
        "email": "sandbox@example.com",
        "first_name": "Sandbox",
        "last_name": "Account",
        "billing_type": None if billing == "null" else billing,
    }
    for name, maker in makers.items():
        record[name] = maker(spent) if name == billing else None
    return data(record)
