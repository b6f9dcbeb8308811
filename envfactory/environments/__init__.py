"""The environment artefact: contracts, schema, stored cases, and the folder that holds them."""
