"""Text as a Chinese keyboard types it at full width."""


def wide(text: str) -> str:
    """The text with every ASCII sign but the blank at full width."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)
