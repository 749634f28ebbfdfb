"""An emulator of OpenRouter's API for tests, demos and benchmarks; product code never imports it."""
