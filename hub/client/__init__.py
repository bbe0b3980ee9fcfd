"""The HTTP API from Python: publish, query and follow. It needs nothing else of the hub."""

from __future__ import annotations

from hub.client.client import Client
from hub.client.documents import CaseRef
from hub.client.following import Change, Message
from hub.client.listing import Listing
from hub.client.publishing import Result, Results
from hub.client.requests import Link, Reason, Reject, Settle, Unlink
from hub.client.sections import Section
from hub.client.tokens import ClientCredentials, TokenSource
from hub.errors import ApiProblem, ApiUnavailable

__all__ = [
    "ApiProblem",
    "ApiUnavailable",
    "CaseRef",
    "Change",
    "Client",
    "ClientCredentials",
    "Link",
    "Listing",
    "Message",
    "Reason",
    "Reject",
    "Result",
    "Results",
    "Section",
    "Settle",
    "TokenSource",
    "Unlink",
]
