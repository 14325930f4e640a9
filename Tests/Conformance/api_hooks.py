"""What schemathesis does not know by itself: our types of a body, and what it must leave alone."""

import os

import schemathesis

schemathesis.serializer.alias("text/x-lua", "text/plain")
schemathesis.serializer.alias("application/x-lua", "text/plain")

# The part of the run's own token that may be shown: without the token nothing more could be asked.
OWN = os.environ["BETTERBOT_TOKEN"][3:11]


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.path_parameters and case.path_parameters.get("id") == OWN:
        case.path_parameters["id"] = "zzzzzzzz"
    # Token and ticket are alternatives; both in one request are refused, as they should be.
    if case.query:
        case.query.pop("ticket", None)
