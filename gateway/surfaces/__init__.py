"""How the gateway itself speaks to a client: refusals, limits, the list of models. One file for each family of SDKs."""
