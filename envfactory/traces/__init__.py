"""What a run did, kept in one SQLite file a run and written as it happens."""
