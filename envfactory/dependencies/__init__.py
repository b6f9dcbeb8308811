"""Which tool gives what another one needs: candidates read from contracts, edges proven by execution, both ways."""
