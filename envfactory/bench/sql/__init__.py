"""Reading SQL: the database's own facts, syntax trees, where columns come from, whether an order is total."""
