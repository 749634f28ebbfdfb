"""What a call asks of its caller, as the contract declares it beside each method."""

from enum import Enum
from functools import lru_cache

from docs_chat.access.v1 import permission_pb2
from google.protobuf import descriptor_pool


class Permission(Enum):
    """What a caller may do; the values are the names used in settings and errors."""

    SEARCH = "search"
    ASK = "ask"
    WRITE = "write"
    OPERATE = "operate"


EVERYTHING = frozenset(Permission)

_DECLARED = {permission_pb2.Permission.Value(f"PERMISSION_{permission.name}"): permission for permission in Permission}


@lru_cache(maxsize=256)
def required_permission(method: str) -> Permission | None:
    """The permission a method asks for; None when its contract declares none, so that nobody may call it.

    Args:
        method: As gRPC names it: `/docs_chat.agent.v1.AgentService/RunTurn`.
    """
    try:
        found = descriptor_pool.Default().FindMethodByName(method.strip("/").replace("/", "."))
    except KeyError:
        return None
    return _DECLARED.get(found.GetOptions().Extensions[permission_pb2.permission])
