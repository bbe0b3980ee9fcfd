"""Kafka: the log of a real deployment, on kafka-python; the only place that knows that library."""

from __future__ import annotations

from hub.log.kafka.admin import KafkaAdmin
from hub.log.kafka.connection import KafkaConnection
from hub.log.kafka.consumer import KafkaConsumer
from hub.log.kafka.producer import KafkaProducer

__all__ = ["KafkaAdmin", "KafkaConnection", "KafkaConsumer", "KafkaProducer"]
