"""Use cases: permission, then transition, then audit, then outbox, in one transaction each."""
