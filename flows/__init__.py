"""When things happen: thin Prefect flows over the chain, and the wiring of one client."""
