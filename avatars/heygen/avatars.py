"""The calls on groups and looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .calls import Calls
from .pagination import Page
from .records import CreatedAvatar, GroupRecord, LookRecord
from .transport import segment


class AvatarCalls(Calls):
    """Creating, reading, renaming and deleting avatars."""

    def create_avatar(self, body: Mapping[str, Any], key: str) -> CreatedAvatar:
        """Order an avatar with a body from `bodies`. Costs money; training goes on after the answer.

        Either half of the answer may be None, both included: then the account must be looked at.
        """
        payload = self._transport.change("POST", "/v3/avatars", body=body, key=key)
        data = payload.get("data")
        data = data if isinstance(data, dict) else {}
        return CreatedAvatar(
            item=LookRecord.parse(data.get("avatar_item")), group=GroupRecord.parse(data.get("avatar_group"))
        )

    def list_groups(
        self, *, ownership: str | None = None, limit: int = 50, token: str | None = None
    ) -> Page[GroupRecord]:
        """One page of groups; `ownership` is "public", "private" or None for both, `limit` at most 50."""
        query = {"ownership": ownership, "limit": limit, "token": token}
        return self._page("/v3/avatars", query, GroupRecord.parse)

    def get_group(self, group_id: str) -> GroupRecord:
        """One group. NotFound when HeyGen no longer has it."""
        return self._one(f"/v3/avatars/{segment(group_id)}", GroupRecord.parse)

    def delete_group(self, group_id: str, *, key: str) -> bool:
        """Delete a group and all its looks for good. False when it was gone already."""
        return self._delete(f"/v3/avatars/{segment(group_id)}", key)

    def list_looks(
        self,
        *,
        group_id: str | None = None,
        avatar_type: str | None = None,
        ownership: str | None = None,
        limit: int = 50,
        token: str | None = None,
    ) -> Page[LookRecord]:
        """One page of looks, at most 50; each None leaves that filter out."""
        query = {
            "group_id": group_id,
            "avatar_type": avatar_type,
            "ownership": ownership,
            "limit": limit,
            "token": token,
        }
        return self._page("/v3/avatars/looks", query, LookRecord.parse)

    def get_look(self, look_id: str) -> LookRecord:
        """One look. NotFound when HeyGen no longer has it."""
        return self._one(f"/v3/avatars/looks/{segment(look_id)}", LookRecord.parse)

    def rename_look(self, look_id: str, *, name: str, key: str) -> LookRecord:
        """Rename a photo or twin look; other types are refused."""
        path = f"/v3/avatars/looks/{segment(look_id)}"
        payload = self._transport.change("PATCH", path, body={"name": name}, key=key)
        return self._parsed("PATCH", payload, LookRecord.parse)

    def delete_look(self, look_id: str, *, key: str) -> bool:
        """Delete a look for good; with the last one HeyGen deletes the group. False when it was gone already."""
        return self._delete(f"/v3/avatars/looks/{segment(look_id)}", key)
