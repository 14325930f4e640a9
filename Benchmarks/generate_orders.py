#!/usr/bin/env python3
"""Made-up orders in the shape of Dome's, one bare JSON object a line, for timing.

usage: generate_orders.py ORDERS FILE [SEED]

A day of trading: few markets and few wallets do most of it, most orders are small and a few are very
large. `bench.py` uses it where the common job's own generator is not at hand; the text is another one,
so its signal counts cannot be compared with that job's.
"""
import random
import sys

DAY = 86400
START = 1760054400                       # 2025-10-10 00:00:00 UTC
MARKETS, WALLETS = 1800, 25000
EXCHANGE = "0x4bfb41d5b3570defd03c39a9a4d8de6bd8b8982e"


def skewed(bits, count):
    """A function that returns indexes below count, small ones much more often."""
    table = []
    for index in range(count):
        table.extend([index] * max(1, 40000 // (index + 2)))
    size = len(table)
    return lambda: table[bits(40) % size]


def main():
    orders, path = int(sys.argv[1]), sys.argv[2]
    bits = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 7).getrandbits

    markets = []
    for index in range(MARKETS):
        tokens = ["%d" % (10 ** 76 + bits(252)) for _ in range(2)]
        markets.append(("%s-%04d-%06x" % (("vote", "match", "rate", "coin")[index % 4], index, bits(24)),
                        "0x%064x" % bits(256), tokens))
    prices = [50 + bits(20) % 900 for _ in range(MARKETS)]            # tenths of a cent
    wallets = ["0x%040x" % bits(160) for _ in range(WALLETS)]
    scales = [2 + bits(16) % 40 for _ in range(WALLETS)]              # dollars of a usual order
    market_index, wallet_index = skewed(bits, MARKETS), skewed(bits, WALLETS)

    line = ('{"token_id":"%s","side":"%s","market_slug":"%s","condition_id":"%s","shares":%d,'
            '"shares_normalized":%d.%02d,"price":0.%02d,"tx_hash":"0x%064x","order_hash":"0x%064x",'
            '"timestamp":%d,"user":"%s","taker":"%s"}\n')
    with open(path, "w", encoding="ascii", newline="\n", buffering=1 << 20) as out:
        for index in range(orders):
            m, w, dice = market_index(), wallet_index(), bits(64)
            slug, condition, tokens = markets[m]
            prices[m] = min(980, max(20, prices[m] + (dice & 7) - (dice >> 3 & 7)))
            outcome = dice >> 6 & 3 == 0
            cents = max(1, (1000 - prices[m] if outcome else prices[m]) // 10)
            # Each further zero bit doubles the size: half of all orders are usual, one in 1,000 is huge.
            doubling = 0
            while doubling < 10 and dice >> 16 + doubling & 1 == 0:
                doubling += 1
            dollars = scales[w] * (64 + (dice >> 32 & 127)) << doubling
            hundredths = max(100, dollars * 10000 // (128 * cents))   # of a share
            side = "BUY" if dice >> 40 & 7 < 5 else "SELL"
            taker = EXCHANGE if dice >> 44 & 7 < 3 else wallets[wallet_index()]
            out.write(line % (
                tokens[outcome], side, slug, condition, hundredths * 10000, hundredths // 100,
                hundredths % 100, cents, bits(256), bits(256), START + index * DAY // orders,
                wallets[w], taker))


if __name__ == "__main__":
    main()
