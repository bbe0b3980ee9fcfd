"""The topics of a Kafka cluster: created, compared with what is wanted, altered, described."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import kafka
from kafka import errors
from kafka.admin import ConfigResource, ConfigResourceType

from hub.domain.topics import COMPACTED
from hub.errors import Usage
from hub.log.kafka.appendtimes import AppendedAt
from hub.log.kafka.connection import KafkaConnection
from hub.log.kafka.names import Names, topic_id_of
from hub.log.kafka.opening import open_library, translate, translated
from hub.log.kafka.settings import topic_settings
from hub.log.port import Difference, Extent, Topic, TopicPartition

READ_COMMITTED = kafka.IsolationLevel.READ_COMMITTED


class KafkaAdmin:
    """Administers the topics of a cluster."""

    def __init__(
        self,
        connection: KafkaConnection,
        *,
        replication: int = 3,
        retention_days: int = 30,
        compacted: Collection[str] = COMPACTED,
    ) -> None:
        """Connect; topics are made with so many replicas, and keep records so long or, compacted, each key's last.

        Raises:
            LogUnavailable: Kafka does not answer.
            Usage: it refuses the login, or the settings do not fit together.
        """
        self._names = Names(connection.topic_prefix)
        self._replication = replication
        self._retention_days = retention_days
        self._compacted = frozenset(compacted)
        config = connection.library_config() | {"request_timeout_ms": connection.timeout_ms}
        self._library, _ = open_library(kafka.KafkaAdminClient, connection, config)
        self._appended_at = AppendedAt(connection)

    def create(self, topics: Mapping[str, int]) -> None:
        """Create the topics that do not exist, and wait until every partition has a leader."""
        for name, partitions in topics.items():
            if partitions < 1:
                raise Usage(f"topic {name} cannot have {partitions} partitions; expected 1 or more")
        existing = self._metadata(topics)
        for name, found in existing.items():
            if len(found["partitions"]) != topics[name]:
                raise Usage(
                    f"topic {name} has {len(found['partitions'])} partitions, not {topics[name]}; their number cannot "
                    "change, since a key's records must stay in one partition"
                )
        missing = {name: partitions for name, partitions in topics.items() if name not in existing}
        if missing:
            self._create(missing)

    def differences(self, topics: Mapping[str, int]) -> list[Difference]:
        """Compare the topics with what `create` would make."""
        existing = self._metadata(topics)
        configs = self._configs(existing)
        found: list[Difference] = []
        for name, partitions in topics.items():
            if name not in existing:
                found.append(Difference(name, "topic", f"{partitions} partitions", None))
                continue
            numbers = existing[name]["partitions"]
            replicas = min((len(each["replica_nodes"]) for each in numbers), default=0)
            pairs = [("partitions", partitions, len(numbers)), ("replication", self._replication, replicas)]
            found += [Difference(name, what, str(want), str(got)) for what, want, got in pairs if want != got]
            for setting, want in self._wanted(name).items():
                got = configs[name].get(setting)
                if got != want:
                    found.append(Difference(name, setting, want, got or "", can_alter=True))
        return found

    def alter(self, differences: Iterable[Difference]) -> None:
        """Set what differs and can be set."""
        by_topic: dict[str, dict[str, str]] = {}
        for each in differences:
            if each.can_alter:
                by_topic.setdefault(each.topic, {})[each.setting] = each.wanted
        if not by_topic:
            return
        resources = [self._resource(name, settings) for name, settings in by_topic.items()]
        with translated("the topics' settings were not changed"):
            answers = self._library.alter_configs(resources)["topic"]
        for name, answer in answers.items():
            if answer != "OK":
                raise Usage(f"topic {self._names.plain_topic(name)}: Kafka refused the settings ({answer})")

    def describe(self, names: Iterable[str]) -> dict[str, Topic]:
        """Describe the named topics that exist; a partition ends where a reader of committed records stops."""
        existing = self._metadata(names)
        partitions = [
            kafka.TopicPartition(self._names.topic(name), number["partition_index"])
            for name, found in existing.items()
            for number in found["partitions"]
        ]
        beginnings = self._offsets(partitions, kafka.OffsetSpec.EARLIEST)
        ends = self._offsets(partitions, kafka.OffsetSpec.LATEST)
        extents: dict[str, list[Extent]] = {name: [] for name in existing}
        for each in sorted(partitions):
            extents[self._names.plain_topic(each.topic)].append(Extent(beginnings[each], ends[each]))
        return {
            name: Topic(name, topic_id_of(found["topic_id"]) or "", tuple(extents[name]))
            for name, found in existing.items()
        }

    def appended_ms(self, partition: TopicPartition, offset: int) -> int | None:
        """Give when the first record from this offset on was appended; within two seconds, or else None."""
        return self._appended_at.ms(self._names.partition(partition), offset)

    def close(self) -> None:
        """Release the connections."""
        self._appended_at.close()
        self._library.close()

    def _create(self, missing: Mapping[str, int]) -> None:
        wanted = {
            self._names.topic(name): {
                "num_partitions": partitions,
                "replication_factor": self._replication,
                "configs": self._wanted(name),
            }
            for name, partitions in missing.items()
        }
        doing = f"topics {', '.join(missing)} were not created"
        with translated(doing):
            answers = self._library.create_topics(wanted, raise_errors=False)["topics"]
        for answer in answers:
            kind = errors.for_code(answer["error_code"])
            if kind is errors.InvalidReplicationFactorError:
                raise Usage(
                    f"{doing}: the cluster has fewer than {self._replication} brokers in service; start them, or set "
                    "HUB_REPLICATION lower"
                )
            if kind not in {errors.NoError, errors.TopicAlreadyExistsError}:
                raise translate(kind(answer["error_message"]), doing)
        with translated(f"topics {', '.join(missing)} are created but not ready yet"):
            self._library.wait_for_topics(list(wanted))

    def _wanted(self, name: str) -> dict[str, str]:
        return topic_settings(self._replication, self._retention_days, is_compacted=name in self._compacted)

    def _metadata(self, names: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Give what the cluster says of the topics that exist, by their plain names."""
        wanted = [self._names.topic(name) for name in names]
        if not wanted:
            return {}
        with translated("the topics cannot be described"):
            answers = self._library.describe_topics(wanted)
        found = {}
        for answer in answers:
            kind = errors.for_code(answer["error_code"])
            if kind is errors.NoError:
                found[self._names.plain_topic(answer["name"])] = answer
            elif kind is not errors.UnknownTopicOrPartitionError:
                raise translate(kind(), f"topic {self._names.plain_topic(answer['name'])} cannot be described")
        return found

    def _configs(self, names: Iterable[str]) -> dict[str, dict[str, str]]:
        resources = [self._resource(name, None) for name in names]
        if not resources:
            return {}
        with translated("the topics' settings cannot be read"):
            answers = self._library.describe_configs(resources, config_filter="all")["topic"]
        for name, configs in answers.items():
            if not configs:
                # The library drops the reason; that of a topic which is there can only be this one.
                doing = f"the settings of topic {self._names.plain_topic(name)} cannot be read"
                raise translate(errors.TopicAuthorizationFailedError(), doing)
        return {
            self._names.plain_topic(name): {key: str(config["value"]) for key, config in configs.items()}
            for name, configs in answers.items()
        }

    def _resource(self, name: str, settings: dict[str, str] | None) -> Any:
        return ConfigResource(ConfigResourceType.TOPIC, self._names.topic(name), settings)

    def _offsets(self, partitions: Iterable[Any], spec: Any) -> dict[Any, int]:
        wanted = dict.fromkeys(partitions, spec)
        if not wanted:
            return {}
        with translated("the extents of the topics cannot be read"):
            found = self._library.list_partition_offsets(wanted, isolation_level=READ_COMMITTED)
        return {partition: each.offset for partition, each in found.items()}
