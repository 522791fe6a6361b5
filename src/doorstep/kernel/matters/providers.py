"""Who carries a message outside: e-mail through Django's backend, SMS through a provider the installation names.

A provider gets a key with each message. Sent again after a sender died, it comes with the same key and `again` set;
a provider that knows keys can then refuse to send it twice.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from doorstep.kernel.matters.models_messages import MessageChoice
from doorstep.kernel.shared import clock


@dataclass(frozen=True)
class Message:
    """One message to one address. `to` is shown nowhere but to the provider."""

    key: UUID
    to: str
    subject: str
    text: str
    again: bool = False

    def __repr__(self) -> str:
        return f"Message({self.key})"


class Provider(Protocol):
    def send(self, message: Message) -> None:
        """Hand over one message. Any error means: not sent, try later."""


class EmailProvider:
    """Django's e-mail backend. The key is the message's number, by which mailboxes know a second copy."""

    def send(self, message: Message) -> None:
        host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
        headers = {"Message-ID": f"<{message.key}@{host}>"}
        EmailMessage(message.subject, message.text, None, [message.to], headers=headers).send()


class FileProvider:
    """SMS into a file, one JSON line each, readable by the platform's user alone: for installations without a gateway
    and for trying things out. A key already in the file is not written again."""

    def send(self, message: Message) -> None:
        file = Path(settings.SMS_FILE)
        file.parent.mkdir(parents=True, exist_ok=True)
        line = {
            "key": str(message.key),
            "at": clock.now().isoformat(),
            "to": message.to,
            "text": message.text,
        }
        written = json.dumps(line, ensure_ascii=False).encode() + b"\n"
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "rb+", buffering=0) as out:
            fcntl.flock(out, fcntl.LOCK_EX)
            if message.again and self._holds(out.readall(), message.key):
                return
            if out.seek(0, os.SEEK_END) and os.pread(out.fileno(), 1, out.tell() - 1) != b"\n":
                written = b"\n" + written  # a sender died in the middle of its line
            out.write(written)
            os.fsync(out.fileno())

    @staticmethod
    def _holds(content: bytes, key: UUID) -> bool:
        mark = f'{{"key": "{key}"'.encode()
        return any(line.startswith(mark) and line.endswith(b"}") for line in content.splitlines())


def provider_for(channel: str) -> Provider:
    if channel == MessageChoice.EMAIL:
        return EmailProvider()
    provider: Provider = import_string(settings.SMS_PROVIDER)()
    return provider
