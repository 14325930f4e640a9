#!/bin/sh
# Holds the API to its document: a server that the tests hold open, and betterbot run. Words are those of api.py.
set -eu
cd "$(dirname "$0")/../.."
swift build --build-tests
python3 Tests/Conformance/api.py --tests "$@"
python3 Tests/Conformance/api.py "$@"
