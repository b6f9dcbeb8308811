"""The Berkeley Function Calling Leaderboard by the data, back ends and checkers of its own package, offline."""
