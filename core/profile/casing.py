#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes casing_table.h: upper and lower case by the Unicode data of the Python that runs it.

    ./casing.py >casing_table.h

What one character becomes is Unicode's full mapping without conditions (Default Case Conversion, chapter 3.13)."""
import sys
import unicodedata


def runs(mapping):
    """(first, last, step, delta) for stretches of every, or every other, character with one distance."""
    out = []
    for cp, to in sorted(mapping.items()):
        delta = to - cp
        if out:
            first, last, step, d = out[-1]
            gap = cp - last
            if d == delta and (gap == step or (first == last and gap in (1, 2))):
                out[-1] = (first, cp, gap, d)
                continue
        out.append((cp, cp, 1, delta))
    return out


def table(name, change):
    one, many = {}, {}
    for cp in range(0x80, sys.maxunicode + 1):
        if 0xD800 <= cp < 0xE000:
            continue
        to = change(chr(cp))
        if len(to) > 1:
            many[cp] = to
        elif ord(to) != cp:
            one[cp] = ord(to)
    print(f'\nstatic const struct run {name}_run[] = {{')
    for first, last, step, delta in runs(one):
        print(f'    {{{first:#x}, {last:#x}, {step}, {delta}}},')
    print('};')
    print(f'\nstatic const struct special {name}_special[] = {{')
    for cp, to in sorted(many.items()):
        print(f'    {{{cp:#x}, "{"".join(f"{chr(92)}x{b:02x}" for b in to.encode())}"}},')
    print('};')


print('/* SPDX-License-Identifier: MIT */')
print(f'/* Written by casing.py from Unicode {unicodedata.unidata_version}. Do not edit. */')
print('/* clang-format off */')
table('upper', str.upper)
table('lower', str.lower)
print('/* clang-format on */')
