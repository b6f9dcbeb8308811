"""EnvFactory: a compiler from real API documentation to verified, stateful tool environments.

Importing the package does no work; see ARCHITECTURE.md for the layers and what may import what.
"""

__version__ = "0.1.0"
