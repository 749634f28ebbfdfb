"""What a site's config decides about its pages.

`site_config` takes it from the most trusted origin that has it: what its owner wrote, what Node computed
(`node_config`), or what the config's literals say (`config_literals`); the outcome is `site_settings`.
"""
