"""What can be seen without running anything: tool code, contracts and schema, each against the rules and each other."""
