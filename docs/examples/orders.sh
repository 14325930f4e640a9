#!/bin/sh
# Makes a recording of a table of orders, for small experiments; see docs/windows.md. One order a line:
#
#   SECONDS-AFTER-NOON WALLET BUY|SELL SHARES PRICE OUTCOME [taker|maker]
n=0
while read -r t user side shares price outcome role; do
  n=$((n + 1))
  case $role in
    taker) other=0xe111180000d2663c0091e4f400237545b87b996b ;; # the exchange's contract: this leg came and took
    maker) other=somebody ;;
    *) other= ;;
  esac
  printf '{"timestamp":%d,"user":"%s","side":"%s","shares_normalized":%s,"price":%s,' \
    $((1772366400 + t)) "$user" "$side" "$shares" "$price"
  printf '"market_slug":"btc","token_id":"btc-%s","token_label":"%s","taker":"%s","tx_hash":"%d"}\n' \
    "$outcome" "$outcome" "$other" $n
done
