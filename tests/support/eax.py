# SPDX-License-Identifier: MIT
"""AES-EAX by another implementation (python3-pycryptodome), in the form that encrypt writes."""
import base64

try:
    from Cryptodome.Cipher import AES
except ImportError:
    AES = None


def seal(key, plain, nonce):
    c = AES.new(key, AES.MODE_EAX, nonce=nonce, mac_len=16)
    text, tag = c.encrypt_and_digest(plain)
    return base64.b64encode(nonce + tag + text).decode("ascii")


def unseal(key, text):
    """The plain bytes; ValueError when key and text do not fit."""
    box = base64.b64decode(text, validate=True)
    return AES.new(key, AES.MODE_EAX, nonce=box[:16], mac_len=16).decrypt_and_verify(box[32:], box[16:32])
