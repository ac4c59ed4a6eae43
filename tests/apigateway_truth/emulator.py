"""Starts ministack, and speaks with the test through lines of JSON.

A line holds an account to make (users, roles, APIs) and requests to send. The answer to it holds
the account as AWS's commands would print it, in the form of a snapshot, and what came back.
"""

import json
import sys

import account
import ask
import starter
import upstream


def main():
    served = upstream.start()
    with starter.running() as port:
        print(json.dumps({"upstream": served.url}), flush=True)
        for line in sys.stdin:
            plan = json.loads(line)
            made = account.make(plan, port, served)
            answers = ask.send(plan["requests"], made, port, served)
            said = {"snapshot": account.snapshot(port), "ids": made.ids, "arns": made.arns, "answers": answers}
            print(json.dumps(said), flush=True)


main()
