"""One module a command: `define(parser)` names its options, `run(options)` does it."""
