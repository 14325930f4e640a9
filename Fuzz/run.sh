#!/bin/sh
# Fuzzes one target: Fuzz/run.sh TARGET SECONDS. Exits 0 when nothing was found.
#
# TARGET is a file of this folder without its ending. Findings and the corpus are kept in .build/fuzz/TARGET.
set -eu

target=${1:?which target? scanner, parser or loader}
seconds=${2:?for how many seconds?}
root=$(cd "$(dirname "$0")/.." && pwd)
work="$root/.build/fuzz/$target"
mkdir -p "$work/modules" "$work/corpus" "$work/findings"

module() { # name header
  mkdir -p "$work/modules/$1"
  printf 'module %s {\n  header "%s"\n  export *\n}\n' "$1" "$2" > "$work/modules/$1/module.modulemap"
}

# One Swift module with coverage and address checks; dependencies first.
library() { # name, and its files when they are not all of its folder
  name=$1
  shift
  [ $# -gt 0 ] || set -- "$root/Sources/$name/"*.swift
  (cd "$work" && swiftc -swift-version 6 -O -g -wmo -parse-as-library -sanitize=fuzzer,address \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
    -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature NonisolatedNonsendingByDefault \
    $flags -I "$work" -module-name "$name" -emit-module -emit-module-path "$work/$name.swiftmodule" \
    -c "$@" -o "$work/$name.o")
  objects="$objects $work/$name.o"
}

objects=""
flags=""
case $target in
  scanner)
    module COrderFlow "$root/Sources/COrderFlow/include/COrderFlow.h"
    module CScan "$root/Sources/CScan/include/CScan.h"
    flags="-I $work/modules/COrderFlow -I $work/modules/CScan"
    library OrderFlow
    library Wire
    # Seeds: four bytes of settings, then messages of every shape. The first two lines teach and use a layout.
    order='{"token_id":"123","side":"BUY","market_slug":"m","condition_id":"0xA","shares":9000000,"price":0.56,"tx_hash":"0xB","title":"T","timestamp":1762480391,"order_hash":"","user":"0xC","taker":"0x4bFb41d5B3570DeFd03C39a9A4D8dE6Bd8B8982E","block_number":1,"log_index":2}'
    frame='{"topic":"activity","type":"trades","timestamp":1,"payload":{"asset":"1","conditionId":"0x1","fee":0.2,"outcome":"Up","price":0.8,"proxyWallet":"0xf1","side":"SELL","size":6.5,"slug":"s","timestamp":1767556295,"title":"\u00e9\n","transactionHash":"0x06"}}'
    row='{"proxy_wallet":"0x6","side":"BUY","token_id":"7","condition_id":"0x0","size":"10000","price":".48","timestamp":"1767556295","icon":null,"outcome":"Down","transaction_hash":"0x0"}'
    printf '\100\001\020\000%s\n%s\n' "$order" "$order" > "$work/corpus/order"
    printf '\100\001\020\000{"type":"event","subscription_id":"s","data":%s}\r\n{"type":"ack"}\n' "$order" > "$work/corpus/event"
    printf '\100\001\020\000%s\n[%s,%s]\n' "$frame" "$frame" "$frame" > "$work/corpus/frame"
    printf '\100\001\020\001{"data":[%s,\n%s],"pagination":{}}\n' "$row" "$row" > "$work/corpus/page"
    printf '\100\001\020\003[\n%s,\n%s,{"orders":[%s]}\n]\n%s' "$order" "$row" "$order" "$frame" > "$work/corpus/array"
    ;;
  parser)
    # Compared with Lua's compiler. What needs the engine is left out.
    module CLua "$root/Sources/CLua/shim.h"
    flags="-I $work/modules/CLua $(pkg-config --cflags lua5.4 | sed 's/-I */-Xcc -I/g') $(pkg-config --libs lua5.4)"
    library RuleKit "$root/Sources/RuleKit/Syntax/"*.swift \
      $(find "$root/Sources/RuleKit/Lint" -name '*.swift' ! -name 'Lint+Sources.swift')
    # Seeds: the shipped rules, the samples of the tests one a file, and tokens for the mutator.
    cp "$root"/rules/*.lua "$root"/rules/lib/*.lua "$work/corpus/"
    awk -v folder="$work/corpus" '/^    "/ { n = split($0, part, /", "|^ *"|",? *$/)
      for (i = 1; i <= n; i++) if (part[i] != "") print part[i] > (folder "/sample-" ++count) }' \
      "$root/Tests/RuleKitTests/LuaSamples.swift"
    ;;
  loader)
    # Seeds: the shipped rules, the whole rules of the guide, and every way that the first byte can choose.
    for rule in "$root"/rules/*.lua; do { printf '\000'; cat "$rule"; } > "$work/corpus/$(basename "$rule")"; done
    awk -v folder="$work/corpus" '/^```/ { file = ""; next } /^-- rules\/.*\.lua/ {
      file = folder "/guide-" ++n; printf "%c", 0 > file } file { print > file }' "$root/docs/rules.md"
    body() { printf '\001%s' "$2" > "$work/corpus/$1"; }
    body signal "signal { title = o.user, data = { a = { 1, 2, { b = o.usd } } }, evidence = { o.seq }, hold = '5m' }"
    body groups "for g in groups 'g' do for _, s in ipairs(g:orders()) do t[#t + 1] = s end print(g.n, g.best[1].user) end"
    body memory "local s = ('x'):rep(100); for i = 1, 20 do s = s .. s end"
    body close "local x <close> = setmetatable({}, { __close = function() error 'b' end }); error 'a'"
    body loop "while true do pcall(function() while true do end end) end"
    body deep "local function f() return 1 + f() end return f()"
    body call "local m = {} local t = setmetatable({}, m) m.__call = t setmetatable(t, m)()"
    body state "state.n = (state.n or 0) + 1; state.t = { a = { b = { 1, 2, 3 } }, [5] = 'x' }"
    body sort "table.sort(t, function(a, b) return math.random() < 0.5 end); print(('k=v'):gsub('(%w+)=(%w+)', '%2=%1'))"
    body require "local l = require 'lib'; print(l.twice(4), copy(o).title, o.label, o.late, group('g', '0x1'))"
    awk 'BEGIN { srand(1); for (i = 0; i < 120; i++) printf "%c", 33 + int(rand() * 90) }' > "$work/calls"
    { printf '\002'; cat "$work/calls"; } > "$work/corpus/calls"
    printf '\003{\001\000\000\000s\001\000\000\000ai\000\000\000\000\000\000\000\001' > "$work/corpus/tree"
    ;;
  frames)
    flags="-package-name betterbot -enable-testing"
    sockets="$root/Sources/Broadcast/WebSocket"
    library Broadcast "$sockets/CloseCode.swift" "$sockets/FrameMask.swift" "$sockets/FrameReader.swift" \
      "$sockets/UTF8Checker.swift" "$sockets/WebSocketEnd.swift" "$sockets/WebSocketSession.swift" \
      "$sockets/WebSocketSettings.swift"
    # Seeds: a text, one in pieces around a ping, bytes with a length of two bytes, a close. The mask is zero.
    printf '\100\377\201\205\000\000\000\000hello' > "$work/corpus/text"
    printf '\003\377\001\201\000\000\000\000a\211\200\000\000\000\000\200\201\000\000\000\000b' > "$work/corpus/pieces"
    printf '\100\377\202\376\000\200\000\000\000\000%0128d' 0 > "$work/corpus/bytes"
    printf '\100\377\210\205\000\000\000\000\003\350bye' > "$work/corpus/close"
    ;;
  *)
    echo "no target named $target: there are scanner, parser, loader and frames" >&2
    exit 3
    ;;
esac

if [ -e "$root/Fuzz/$target.c" ]; then
  # The compiler that comes with Swift: Debian's has no libFuzzer of its own.
  "$(dirname "$(command -v swiftc)")/clang" -std=gnu11 -O1 -g -Wall -Wextra -Werror -fsanitize=fuzzer,address,undefined \
    -fno-sanitize-recover=undefined $(pkg-config --cflags lua5.4) -I "$root/Sources/COrderFlow/include" \
    "$root/Fuzz/$target.c" "$root"/Sources/CRuleVM/*.c $(pkg-config --libs lua5.4) -lm -lpthread -o "$work/fuzz"
else
  swiftc -swift-version 6 -O -g -parse-as-library -sanitize=fuzzer,address $flags -I "$work" \
    "$root/Fuzz/$target.swift" $objects -o "$work/fuzz"
fi
# A run in trouble does not always stop by itself.
ASAN_OPTIONS=quarantine_size_mb=4:malloc_context_size=2 timeout -s KILL $((seconds + 60)) "$work/fuzz" -max_total_time="$seconds" -max_len=8192 -timeout=20 \
  -artifact_prefix="$work/findings/" -print_final_stats=1 "$work/corpus"
