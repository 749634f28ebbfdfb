"""What every process shares: a gRPC server and channels, errors, logs, telemetry, settings. Knows no service."""
