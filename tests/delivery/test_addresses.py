"""No URL leads a webhook to what only this machine can reach."""

import asyncio
import ssl
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest

from adapters.webhooks.addresses import AddressError, AddressPolicy
from adapters.webhooks.sender import Sender
from bizcore.clock import SystemClock
from tests.delivery.support import Receiver, receiving

# What each name resolves to, as a hostile name server would have it. Literals resolve as the C library reads them.
NAMES = {
    "public.example": ["93.184.215.14"],
    "rebound.example": ["127.0.0.1"],
    "mixed.example": ["93.184.215.14", "127.0.0.1"],
    "mixed6.example": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::1"],
    "metadata.example": ["169.254.169.254"],
    "internal.example": ["10.1.2.3"],
    "xn--lcalhost-z3a.example": ["127.0.0.1"],
    "localhost": ["127.0.0.1", "::1"],
    "localhost.": ["127.0.0.1"],
    "rebound.example.": ["127.0.0.1"],
    "own.example": ["93.184.215.99"],
    "empty.example": [],
    "2130706433": ["127.0.0.1"],
    "0x7f000001": ["127.0.0.1"],
    "0x7f.1": ["127.0.0.1"],
    "0177.0.0.1": ["127.0.0.1"],
    "017700000001": ["127.0.0.1"],
    "127.1": ["127.0.0.1"],
    "127.0.1": ["127.0.0.1"],
    "0": ["0.0.0.0"],
    "2852039166": ["169.254.169.254"],
    "0xa9fea9fe": ["169.254.169.254"],
    "127.0.0.1.": ["127.0.0.1"],
}

HOSTS = [
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1",
    "017700000001", "0", "0.0.0.0", "localhost", "localhost.", "127.0.0.1.", "10.0.0.1", "172.16.0.1",
    "172.31.255.255", "192.168.1.1", "100.64.0.1", "169.254.169.254", "2852039166", "0xa9fea9fe", "192.0.0.1",
    "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[::ffff:7f00:1]",
    "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]", "[2001:0:7f00:1::1]", "[2001:db8::1]", "[2606:4700::5efe:7f00:1]",
    "[2606:4700::200:5efe:a00:1]", "[fe80::1]", "[fe80::1%25eth0]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]",
    "[ff02::1]", "[100::1]", "[3fff::1]", "[5f00::1]", "rebound.example", "rebound.example.", "mixed.example",
    "mixed6.example", "metadata.example", "internal.example", "xn--lcalhost-z3a.example", "own.example",
    "empty.example",
]  # fmt: skip

WRITTEN = [
    "http://public.example/", "http://public.example:443/", "https://public.example:22/",
    "https://public.example:6379/", "https://public.example:0/", "https://public.example:99999/",
    "https://user@public.example/", "https://user:password@public.example/", "https://public.example@127.0.0.1/",
    "https://127.0.0.1#@public.example/", "https://public.example\\@127.0.0.1/", "https://@public.example/",
    "ftp://public.example/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL", "https:///path",
    "https://", "//127.0.0.1/", "127.0.0.1", "", "https://[::1", "https://lócalhost/", "https://ⓛocalhost/",
    "https://127。0。0。1/", "https://127.0.0.1\r\nHost: public.example/", "https://public.example /",
    "\thttps://127.0.0.1/", "https://public.example/\x00", "https://public.example/#fragment",
    f"https://{'a' * 64}.example/", "https://public..example/",
    "https://%31%32%37.0.0.1/", "https://public.example/" + "a" * 2000, "javascript:alert(1)",
]  # fmt: skip


async def resolve(host: str, port: int) -> Sequence[str]:
    try:
        return [str(ip_address(host))]
    except ValueError:
        return NAMES[host]


def strict() -> AddressPolicy:
    return AddressPolicy(own=frozenset({ip_address("93.184.215.99")}), resolve=resolve)


def test_the_list_is_long_enough_to_mean_something() -> None:
    assert len(set(HOSTS)) + len(set(WRITTEN)) >= 90


@pytest.mark.parametrize("host", HOSTS)
async def test_a_host_that_is_not_public_is_refused(host: str) -> None:
    with pytest.raises((AddressError, OSError)):
        await strict().target(f"https://{host}/")


@pytest.mark.parametrize("url", WRITTEN)
async def test_a_url_that_hides_where_it_leads_is_refused(url: str) -> None:
    with pytest.raises(AddressError):
        await strict().target(url)


async def test_no_hostile_url_reaches_a_listener_on_this_machine() -> None:
    """Each URL is really sent to, at the port of a listener on every local address."""
    async with receiving() as canary:
        sender = Sender(AddressPolicy(resolve=resolve), SystemClock())
        for host in HOSTS:
            for scheme in ("https", "http"):
                answer = await sender.send(f"{scheme}://{host}:{canary.port}/", {}, b"{}")
                assert answer.status is None, host
        for url in WRITTEN:
            assert (await sender.send(url, {}, b"{}")).status is None
    assert canary.connections == 0


async def test_a_name_that_changes_between_check_and_use_is_looked_up_once() -> None:
    """The connection goes to the judged address: a name server that answers differently later is not asked again."""
    answers = iter([["127.0.0.2"]])

    async def once(host: str, port: int) -> Sequence[str]:
        return next(answers)

    async with receiving() as canary:
        policy = AddressPolicy((ip_network("127.0.0.2/32"),), resolve=once)
        # Nothing listens at 127.0.0.2; the canary is at 127.0.0.1, where a second look-up would lead.
        answer = await Sender(policy, SystemClock()).send(f"http://rebinding.example:{canary.port}/", {}, b"{}")
    assert answer.status is None
    assert canary.connections == 0


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a00:1450::1"]
)
async def test_a_public_address_is_reached_by_https_on_its_two_ports(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    for port in ("", ":443", ":8443"):
        target = await strict().target(f"https://{host}{port}/hook?a=1")
        assert target.addresses == (ip_address(address),)
        assert target.path == "/hook?a=1"
        assert target.authority == host + port


async def test_an_allowed_range_opens_http_and_any_port_there_and_nothing_else() -> None:
    policy = AddressPolicy((ip_network("127.0.0.0/8"),), resolve=resolve)
    assert (await policy.target("http://127.0.0.1:8080/")).port == 8080
    for url in ("http://10.0.0.1/", "http://public.example/", "https://public.example:8080/", "http://[::1]/",
                "http://[::ffff:127.0.0.1]/", "http://mixed.example/"):  # fmt: skip
        with pytest.raises(AddressError):
            await policy.target(url)


async def test_an_answer_that_never_ends_is_read_no_further_than_its_cap() -> None:
    sent = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
        try:
            while sent < 100_000_000:
                writer.write(b"x" * 65536)
                await writer.drain()
                sent += 65536
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        policy = AddressPolicy((ip_network("127.0.0.0/8"),))
        answer = await Sender(policy, SystemClock()).send(f"http://127.0.0.1:{port}/", {}, b"{}")
    assert answer.status == 200
    assert answer.body == "x" * 1000
    assert sent < 20_000_000  # what fits in the sockets' buffers


async def test_an_answer_that_drips_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.webhooks.sender.TIMEOUT", 0.3)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for part in b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n" + b"x" * 100:
                writer.write(bytes([part]))
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        policy = AddressPolicy((ip_network("127.0.0.0/8"),))
        answer = await Sender(policy, SystemClock()).send(f"http://127.0.0.1:{port}/", {}, b"{}")
    assert (answer.status, answer.error) == (None, "No answer within 0 seconds.")
    assert answer.duration_ms < 1500


async def test_a_receiver_without_tls_gets_nothing_and_no_connection_stays_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.webhooks.sender.TIMEOUT", 0.3)
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        policy = AddressPolicy((ip_network("127.0.0.0/8"),))
        sender = Sender(policy, SystemClock(), ssl.create_default_context())
        answer = await sender.send(f"https://127.0.0.1:{port}/", {}, b"{}")
    assert answer.status is None
    assert answer.error is not None
    assert receiver.got == []
