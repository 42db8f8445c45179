"""Which addresses lie in the public internet, and where events may be sent."""

import pytest

from models.rules.public_addresses import check, is_public


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1"),
        *("172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
        *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
        *("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::", "2001::1"),
        *("2001:db8::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1"),
        *("", "localhost", "example.com", "1.2.3", "8.8.8.8.8"),
    ],
)
def test_these_are_nobodys_or_ones_own(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "114.114.114.114", "172.32.0.1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_these_are_in_the_public_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com",
        "https://example.com:8443/a/b?c=d",
        "https://8.8.8.8/x",
        "http://127.0.0.1:8000/",
        "http://localhost/",
    ],
)
def test_such_web_addresses_are_taken(text: str) -> None:
    assert check(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://example.com/", "接收地址应以 https:// 开头"),
        ("ftp://example.com/", "接收地址应以 https:// 开头"),
        ("file:///etc/passwd", "接收地址格式不正确，应如 https://example.com/events"),
        ("https://", "接收地址格式不正确，应如 https://example.com/events"),
        ("https://exa mple.com/", "接收地址格式不正确，应如 https://example.com/events"),
        ("https://例子.cn/", "接收地址格式不正确，应如 https://example.com/events"),
        ("https://example.com:99999/", "接收地址格式不正确，应如 https://example.com/events"),
        ("https://example.com:0/", "接收地址格式不正确，应如 https://example.com/events"),
        ("https://[::1/", "接收地址格式不正确，应如 https://example.com/events"),
        ("https://a:b@example.com/", "接收地址不能包含用户名、密码或“#”，请通过签名核对来源"),
        ("https://example.com/#x", "接收地址不能包含用户名、密码或“#”，请通过签名核对来源"),
        ("https://example.com/" + "x" * 300, "接收地址格式不正确，应如 https://example.com/events"),
    ],
)
def test_other_web_addresses_are_refused(text: str, said: str) -> None:
    assert [each.text for each in check(text)] == [said]
