"""Documents of who is asking, and of the hub's state."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hub.domain.access import Role


def _of(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


class Me(BaseModel):
    """Who the token says is asking, and as what the hub takes them."""

    model_config = _of(
        {
            "reader_id": "https://login.example|8f2c",
            "roles": ["adviser"],
            "network": "france_travail",
            "adviser": "A-17",
            "organisation": "ft-69",
            "sites": ["69123"],
            "departments": [],
            "is_system": False,
            "may": ["break_glass", "caseload", "decide", "follow", "look_up", "read_person", "search"],
            "requests_per_minute": 6000,
        }
    )

    reader_id: str = Field(description="By this id the access log names the reader.")
    roles: list[Role] = Field(description="Those that count: a system has none that reads people.")
    network: str | None
    adviser: str | None = Field(description="The id by which events of the network name this adviser.")
    organisation: str | None
    sites: list[str]
    departments: list[str]
    is_system: bool
    may: list[str] = Field(description="What the roles allow at all.")
    requests_per_minute: int


class Accounting(BaseModel):
    """What became of every record that was read."""

    model_config = ConfigDict(extra="forbid")

    read: int
    accepted: int
    duplicate: int
    quarantined: int
    discarded: int
    adds_up: bool


class TopicLag(BaseModel):
    """How much of a topic is still to read."""

    model_config = ConfigDict(extra="forbid")

    topic: str
    partitions: int
    held_events: int
    lag_events: int
    incidents: dict[str, str] = Field(description="By partition, what the log lost; consumers stop there.")


class Lag(BaseModel):
    """How far the hub is behind the log."""

    model_config = ConfigDict(extra="forbid")

    topics: list[TopicLag]
    total_events: int
    seconds: float | None = Field(description="The age of the oldest record still to read; null where not known.")


class Quarantine(BaseModel):
    """What is held in quarantine, by why."""

    model_config = ConfigDict(extra="forbid")

    held: int
    by_reason: dict[str, int]
    oldest_at: AwareDatetime | None


class Generation(BaseModel):
    """The live generation of the read model."""

    model_config = ConfigDict(extra="forbid")

    number: int
    live_since: AwareDatetime | None


class Status(BaseModel):
    """The state of the hub; no personal data."""

    model_config = _of(
        {
            "ledger_position": 1204,
            "accounting": {
                "read": 1210,
                "accepted": 1204,
                "duplicate": 5,
                "quarantined": 1,
                "discarded": 0,
                "adds_up": True,
            },
            "lag": {"topics": [], "total_events": 0, "seconds": 0.0},
            "quarantine": {"held": 1, "by_reason": {"undecodable": 1}, "oldest_at": "2021-04-01T09:30:00Z"},
            "generation": {"number": 1, "live_since": "2021-04-01T07:00:00Z"},
        }
    )

    ledger_position: int
    accounting: Accounting
    lag: Lag
    quarantine: Quarantine
    generation: Generation
