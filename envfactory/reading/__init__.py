"""Words read without knowing who wrote them: dates, times, money, numbers, names, superlatives."""
