"""HTTPS on the local network."""

import socket
import ssl
import stat

from cryptography import x509

from doorstep.launch import lan
from tests.launch.installation import installed


def test_the_certificate_names_every_address_and_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("DOORSTEP_VAR", str(tmp_path))
    certificate, key = lan.certificate_for(["192.168.7.8", "10.1.2.3"])
    names = x509.load_pem_x509_certificate(certificate.read_bytes()).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    shown = {str(address) for address in names.value.get_values_for_type(x509.IPAddress)}
    assert shown == {"192.168.7.8", "10.1.2.3", "127.0.0.1"}
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    first = certificate.read_bytes()
    lan.certificate_for(["192.168.7.8"])
    assert certificate.read_bytes() == first
    lan.certificate_for(["192.168.7.9"])
    assert certificate.read_bytes() != first


def test_a_run_on_the_network_speaks_https(tmp_path):
    with installed(tmp_path) as installation:
        installation.start(LAN="1")
        trusted = ssl.create_default_context(cafile=tmp_path / "lan" / "certificate.pem")
        address = lan.local_addresses()[0]
        plain = socket.create_connection((address, installation.port))
        with plain, trusted.wrap_socket(plain, server_hostname=address) as secure:
            secure.sendall(f"GET / HTTP/1.1\r\nHost: {address}:{installation.port}\r\n\r\n".encode())
            assert secure.recv(12).startswith(b"HTTP/1.1 ")
        assert f"https://{address}:{installation.port}" in installation.output()
        assert "█" in installation.output() or "▀" in installation.output()
        assert installation.interrupt() == 0
