"""`/v1/files`, `/v1/batches` and `/v1/messages/batches`: what gateways pass on to the control plane."""
