"""HTTPS on the local network, so that a real phone can try the platform: addresses, a certificate, a QR code."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import os
import socket
from pathlib import Path

from doorstep.launch.locations import working_folder

NOWHERE = ("192.0.2.1", 9)  # kept for documentation: choosing a route to it sends nothing
DAYS = 397  # phones refuse certificates that last longer


def local_addresses() -> list[str]:
    """This machine's IPv4 addresses on its networks, the one it goes out by first."""
    found: list[str] = []
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(NOWHERE)
        found.append(probe.getsockname()[0])
    with contextlib.suppress(OSError):
        found += [
            str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        ]
    kept = [address for address in dict.fromkeys(found) if not ipaddress.ip_address(address).is_loopback]
    return kept or ["127.0.0.1"]


def certificate_for(addresses: list[str]) -> tuple[Path, Path]:
    """Certificate and key for these addresses, made anew when they changed or a month is left."""
    folder = working_folder() / "lan"
    folder.mkdir(mode=0o700, exist_ok=True)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not (certificate.exists() and key.exists() and _serves(certificate, addresses)):
        _make(certificate, key, addresses)
    return certificate, key


def _serves(certificate: Path, addresses: list[str]) -> bool:
    from cryptography import x509

    known = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    covered = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    left = known.not_valid_after_utc - dt.datetime.now(dt.UTC)
    return covered >= set(addresses) and left > dt.timedelta(days=30)


def _make(certificate: Path, key: Path, addresses: list[str]) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Doorstep on this network")])
    hosts = dict.fromkeys([*addresses, "127.0.0.1"])
    alternatives: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_address(address)) for address in hosts
    ]
    alternatives += [x509.DNSName("localhost")]
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    key.touch(mode=0o600)
    key.write_bytes(private.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    certificate.write_bytes(builder.sign(private, hashes.SHA256()).public_bytes(pem))


def open_to_network(port: int) -> list[str]:
    """Set the environment for serving the local network over HTTPS; gives the addresses to open."""
    addresses = local_addresses()
    certificate, key = certificate_for(addresses)
    origins = [f"https://{address}:{port}" for address in addresses]
    hosts = [*addresses, "127.0.0.1", "localhost"]
    os.environ |= {
        "HOST": "0.0.0.0",
        "TLS_CERTIFICATE": str(certificate),
        "TLS_KEY": str(key),
        "HTTPS": "1",
        "ALLOWED_HOSTS": ",".join(hosts),
        "CSRF_TRUSTED_ORIGINS": ",".join(
            [*origins, f"https://localhost:{port}", f"https://127.0.0.1:{port}"]
        ),
    }
    return origins


def show_code(address: str) -> None:
    """The address as a QR code in the terminal."""
    import segno

    segno.make(address, error="m").terminal(compact=True)
