"""Asks a language server of Lua what is wrong in files of a workspace.

    types.py SERVER WORKSPACE FILE...

SERVER speaks the language server protocol over its standard streams: lua-language-server, or emmylua_ls, which
reads the same annotations. Prints FILE:LINE: CODE: MESSAGE for each problem; exit 1 when a file got no answer.
"""
import json
import os
import pathlib
import queue
import subprocess
import sys
import threading
import time

server, folder, files = sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3:]
process = subprocess.Popen(
    [server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder)
inbox = queue.Queue()


def read():
    while True:
        length = 0
        while True:
            line = process.stdout.readline()
            if not line:
                return
            if not line.strip():
                break
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        inbox.put(json.loads(process.stdout.read(length)))


def send(**message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    process.stdin.flush()


def uri(path):
    return pathlib.Path(os.path.join(folder, path)).as_uri()


threading.Thread(target=read, daemon=True).start()
send(id=1, method="initialize", params={
    "processId": os.getpid(), "rootUri": pathlib.Path(folder).as_uri(),
    "workspaceFolders": [{"uri": pathlib.Path(folder).as_uri(), "name": "workspace"}],
    "capabilities": {
        "textDocument": {"publishDiagnostics": {}, "diagnostic": {"dynamicRegistration": False}},
        "workspace": {"configuration": True, "workspaceFolders": True}, "window": {"workDoneProgress": True}}})
# Both ways of the protocol: some servers are asked, others tell. The last word of each counts.
found, waiting, pulls, asked = {}, {uri(name): name for name in files}, False, {}
limit, quiet = time.monotonic() + 60, None
while time.monotonic() < limit and not (not waiting and quiet and time.monotonic() > quiet):
    try:
        message = inbox.get(timeout=0.5)
    except queue.Empty:
        continue
    if message.get("id") == 1 and "result" in message:
        pulls = "diagnosticProvider" in message["result"]["capabilities"]
        send(method="initialized", params={})
        for name in files:
            text = pathlib.Path(folder, name).read_text()
            send(method="textDocument/didOpen", params={
                "textDocument": {"uri": uri(name), "languageId": "lua", "version": 1, "text": text}})
        if pulls:
            # The files of the workspace are read meanwhile.
            time.sleep(3)
            for number, name in enumerate(files):
                asked[100 + number] = name
                send(id=100 + number, method="textDocument/diagnostic", params={"textDocument": {"uri": uri(name)}})
    elif message.get("id") in asked:
        name = asked.pop(message["id"])
        found[name] = message.get("result", {}).get("items", [])
        waiting.pop(uri(name), None)
        quiet = quiet or time.monotonic()
    elif message.get("method") == "textDocument/publishDiagnostics" and not pulls:
        place = message["params"]["uri"]
        for name in files:
            if uri(name) == place:
                found[name] = message["params"]["diagnostics"]
                waiting.pop(place, None)
                quiet = time.monotonic() + 5
    elif "method" in message and "id" in message:
        items = message.get("params", {}).get("items", []) if message["method"] == "workspace/configuration" else None
        send(id=message["id"], result=None if items is None else [None] * len(items))
process.kill()
for name in files:
    for problem in found.get(name, []):
        print(f"{name}:{problem['range']['start']['line'] + 1}: {problem.get('code')}: {problem['message']}")
if waiting:
    print("no answer about " + ", ".join(waiting.values()), file=sys.stderr)
    sys.exit(1)
