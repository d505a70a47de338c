"""A real Redis Cluster under two gateways: slots that move, primaries that die."""
