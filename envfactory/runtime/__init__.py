"""What runs inside a worker: the tool context, argument checking, the contract interpreter and episodes.

Standard library only, so that a clean interpreter can load it before the walls of the sandbox go up. Nothing here
trusts or protects the parent; it gives tool code the small world it is promised and reports what happened.
"""
